// Package mutate finds out whether features would notice a broken flow. It makes
// changes to recordings in memory, one at a time, and runs the scenarios that cross the
// change. It reads no configuration and writes no file.
package mutate

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flowtest/recordings"
)

// The groups of operators, in the order of reports.
const (
	Ways     = "ways"
	Buttons  = "buttons"
	Fields   = "fields"
	Texts    = "texts"
	Protocol = "protocol"
	Security = "security"
)

// Groups returns the groups in the order of reports.
func Groups() []string { return []string{Ways, Buttons, Fields, Texts, Protocol, Security} }

// A Mutant is a recording with one change.
type Mutant struct {
	// ID names the mutant. Equal recordings have mutants with equal ids.
	ID string `json:"id"`

	Flow     string `json:"flow"`
	Hop      string `json:"hop"`                // the hop whose answer, or whose target, is changed
	Screen   string `json:"screen,omitempty"`   // the name of its form, "" if it shows no form
	Property string `json:"property,omitempty"` // what was changed, as in "form.name"
	Group    string `json:"group"`
	Operator string `json:"operator"`
	Change   string `json:"change"` // a description for a person

	of     *recordings.Flow
	change func(f *recordings.Flow) error // changes a copy of the flow
	file   string                         // the body that is changed, "" for none
	seen   func(c crossing) bool          // whether a journey crosses the change
	idle   string                         // why it does not count, "" if it does
}

// Recording returns a copy of the recording with the change. The error says why the
// change cannot be made.
func (m *Mutant) Recording() (*recordings.Flow, error) {
	f := clone(m.of)
	return f, m.change(f)
}

// clone copies the parts of a recording that mutants change.
func clone(of *recordings.Flow) *recordings.Flow {
	f := *of
	f.Hops = make([]*recordings.Hop, len(of.Hops))
	copies := make(map[*recordings.Hop]*recordings.Hop, len(of.Hops))
	for i, h := range of.Hops {
		c := *h
		c.Response.Headers = maps.Clone(h.Response.Headers)
		c.Response.Cookies = slices.Clone(h.Response.Cookies)
		f.Hops[i], copies[h] = &c, &c
	}
	for _, h := range f.Hops {
		h.To = copies[h.To]
		h.From = slices.Clone(h.From)
		for i := range h.From {
			h.From[i] = copies[h.From[i]]
		}
	}
	return &f
}

// hop returns the hop with that name.
func hop(f *recordings.Flow, name string) *recordings.Hop {
	for _, h := range f.Hops {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// A Choice says which mutants to make.
type Choice struct {
	// Flow is the name of the flow to change. Empty means all. Optional.
	Flow string

	// Operators are the names of operators or groups. Empty means all. Optional.
	Operators []string

	// Touched limits the mutants to those that a change touched. Nil means all. Optional.
	Touched *Touched
}

// operators are the operators by group.
var operators = map[string][]string{
	Ways:    {"way-elsewhere", "let-in", "way-lost", "screen-skipped", "error-instead"},
	Buttons: {"button-gone", "button-renamed", "button-kind", "button-doubled"},
	Fields:  {"field-gone", "field-renamed", "field-type", "required", "option-gone", "prefill", "order"},
	Texts:   {"label", "content", "form-name", "description", "message"},
	Protocol: {
		"error-code", "property-gone", "token-not-refreshed", "next-host", "code-gone", "state-wrong", "end-status",
		"status", "cookie-gone", "cookie-weaker",
	},
	Security: {"password-shown", "error-tells", "cookie-readable", reusable},
}

// Check returns an error for a flow or an operator that does not exist, with those that
// do.
func (c Choice) Check(flows []*recordings.Flow) error {
	var names []string
	for _, f := range flows {
		names = append(names, f.Name)
	}
	if c.Flow != "" && !slices.Contains(names, c.Flow) {
		return fmt.Errorf("there is no recording of the flow %q, there are recordings of %s",
			c.Flow, strings.Join(names, ", "))
	}
	known := Groups()
	for _, group := range Groups() {
		known = append(known, operators[group]...)
	}
	for _, name := range c.Operators {
		if !slices.Contains(known, name) {
			return fmt.Errorf("there is no operator %q, want a group or an operator: %s",
				name, strings.Join(known, ", "))
		}
	}
	return nil
}

// Whole reports whether the choice includes all mutants.
func (c Choice) Whole() bool { return c.Flow == "" && len(c.Operators) == 0 && c.Touched == nil }

func (c Choice) includes(m *Mutant) bool {
	return len(c.Operators) == 0 || slices.Contains(c.Operators, m.Group) || slices.Contains(c.Operators, m.Operator)
}

// Mutants returns the mutants of recordings, ordered by flow, hop and group.
func Mutants(flows []*recordings.Flow, c Choice) []*Mutant {
	var out []*Mutant
	for _, f := range flows {
		if c.Flow != "" && c.Flow != f.Name {
			continue
		}
		made := &making{flow: f, choice: c}
		made.all()
		out = append(out, made.list...)
	}
	return out
}

// making makes the mutants of a flow.
type making struct {
	flow   *recordings.Flow
	choice Choice
	list   []*Mutant
	seen   map[string]bool // the ids

	// reached are the hops that a journey can pass, with JSON and with detailed
	// responses.
	reached [2]map[*recordings.Hop]bool
}

func (k *making) all() {
	k.seen = map[string]bool{}
	k.reached = [2]map[*recordings.Hop]bool{reach(k.flow, false), reach(k.flow, true)}
	done := map[string]bool{} // files
	k.codes()
	for _, h := range k.flow.Hops {
		k.ways(h)
		if h.To != nil {
			continue
		}
		k.answer(h)
		for _, b := range []*recordings.Body{h.Response.JSON, h.Response.Detailed, h.Response.HTML} {
			if b != nil && !done[b.File] {
				done[b.File] = true
				k.body(h, b)
			}
		}
	}
	order := Groups()
	at := map[string]int{}
	for i, h := range k.flow.Hops {
		at[h.Name] = i
	}
	slices.SortStableFunc(k.list, func(a, b *Mutant) int {
		if a.Hop != b.Hop {
			return at[a.Hop] - at[b.Hop]
		}
		return slices.Index(order, a.Group) - slices.Index(order, b.Group)
	})
}

// add adds a mutant if it is chosen and can be made.
func (k *making) add(m *Mutant) {
	m.Flow, m.of = k.flow.Name, k.flow
	m.ID = strings.TrimSuffix(m.Flow+"/"+m.Hop+"/"+m.Operator+"/"+m.Property, "/")
	if k.seen[m.ID] || !k.choice.includes(m) {
		return
	}
	switch _, err := m.Recording(); {
	case errors.Is(err, errSame):
		m.idle = "the recording is so already"
	case err != nil:
		return
	case m.idle == "" && !k.reachable(m):
		m.idle = "no journey through the recording reaches it in this shape"
	}
	k.seen[m.ID] = true
	k.list = append(k.list, m)
}

// reachable reports whether a journey can pass the change of a mutant.
func (k *making) reachable(m *Mutant) bool {
	for i, detailed := range []bool{false, true} {
		for h := range k.reached[i] {
			if m.file == "" && h.Name == m.Hop {
				return true
			}
			if b := h.Answer().Body(detailed); m.file != "" && b != nil && b.File == m.file {
				return true
			}
		}
	}
	return false
}
