package mockserver

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flowtest/recordings"
)

// A catalog holds the flows of a server by everything that chooses one. It is
// never changed, only replaced.
type catalog struct {
	byChoice map[string]*flow // by policy, name and client id
	only     *flow            // the flow, where there is one alone
	names    []string
	recs     []*recordings.Flow // as they were given
}

// newCatalog makes recordings ready. The error says which two flows answer to
// the same name, or that there is no flow.
func newCatalog(recs []*recordings.Flow) (*catalog, error) {
	if len(recs) == 0 {
		return nil, errors.New("mockserver: no recordings to replay")
	}
	c := &catalog{byChoice: map[string]*flow{}, recs: recs}
	var mistakes []error
	for _, rec := range recs {
		f := newFlow(rec)
		for _, key := range []string{rec.Name, f.policy, rec.Client} {
			if other := c.byChoice[key]; key != "" && other != nil && other != f {
				mistakes = append(mistakes,
					fmt.Errorf("mockserver: flows %q and %q both answer to %q", other.name, f.name, key))
			}
			if key != "" {
				c.byChoice[key] = f
			}
		}
		c.names = append(c.names, f.name)
		c.only = f
	}
	if len(recs) > 1 {
		c.only = nil
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return c, nil
}

// Replace puts other recordings in the place of those that are replayed. The
// sign-ons that are under way go on with those that they began with. Its error
// is that of [New], and then nothing is replaced.
func (s *Server) Replace(recs []*recordings.Flow) error {
	c, err := newCatalog(recs)
	if err != nil {
		return err
	}
	s.catalog.Store(c)
	return nil
}

// Names returns the names of the flows, in the order in which they were given.
func (s *Server) Names() []string { return slices.Clone(s.catalog.Load().names) }

// Policy returns the flow policy id that starts the flow name.
func (s *Server) Policy(name string) (string, bool) {
	f, ok := s.catalog.Load().byChoice[name]
	if !ok || f.name != name {
		return "", false
	}
	return f.policy, true
}

// list writes the names for a sentence.
func (c *catalog) list() string { return strings.Join(c.names, ", ") }
