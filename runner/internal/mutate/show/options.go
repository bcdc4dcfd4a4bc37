package show

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"flowtest/runner/internal/mutate"
)

// Options say what is printed of a report.
type Options struct {
	// Format is text, markdown or json. Required.
	Format string

	// All lists the mutants too that were noticed or do not count. Optional.
	All bool

	// Patch prints the suggestions as a patch, and Entries an entry of mutants.yaml for each
	// mutant that nothing noticed, in the place of the report. Optional.
	Patch, Entries bool

	// Owner is whom an entry names. Optional.
	Owner string
}

var formats = []string{"text", "markdown", "json"}

// Check returns what cannot be asked for.
func (o *Options) Check() error {
	switch {
	case !slices.Contains(formats, o.Format):
		return fmt.Errorf("--format %q is unknown, want %s or %s", o.Format,
			strings.Join(formats[:len(formats)-1], ", "), formats[len(formats)-1])
	case o.Patch && o.Entries:
		return errors.New("--write-suggestions and --write-mutants do not go together: each prints a file of its own")
	default:
		return nil
	}
}

// Print writes what the options ask for.
//
//	w     where JSON goes
//	text  writes to the same, and nothing that steers a terminal
func (o *Options) Print(w, text io.Writer, r *mutate.Report) error {
	switch {
	case o.Patch:
		return r.Patch(text)
	case o.Entries:
		return o.entries(text, r)
	case o.Format == "json":
		return JSON(w, r)
	case o.Format == "markdown":
		return Markdown(text, r, o.All)
	default:
		return Text(text, r, o.All)
	}
}

// An entry is one of mutants.yaml.
type entry struct {
	Mutant  string `yaml:"mutant"`
	Reason  string `yaml:"reason"`
	Owner   string `yaml:"owner"`
	Expires string `yaml:"expires"`
}

// entries prints an entry for each mutant that nothing noticed and no entry accepts. The
// reason says what the mutant changes, until a person says why that may be so.
func (o *Options) entries(w io.Writer, r *mutate.Report) error {
	const days = 30
	expires := time.Now().AddDate(0, 0, days).Format(time.DateOnly)
	var out []entry
	for _, m := range listed(r, false) {
		out = append(out, entry{m.ID, m.Change, cmp.Or(o.Owner, "not assigned yet"), expires})
	}
	if out == nil {
		return nil
	}
	text, err := yaml.Marshal(out)
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}
