package show

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/pflag"

	"flowtest/runner/internal/mutate"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/digest"
)

// Options say what to write of a report.
type Options struct {
	// Format is one of [Formats]. Required.
	Format string

	all            bool
	patch, entries bool
	dir            string  // for files, "" for none
	least          float64 // the least score of every group
}

// The files of a report folder.
var files = map[string]func(w io.Writer, r *mutate.Report) error{
	"mutants.html": HTML,
	"mutants.json": JSON,
	"mutants.xml":  JUnit,
	"mutants.md":   func(w io.Writer, r *mutate.Report) error { return Markdown(w, r, false) },
}

// Formats returns the names of the formats, the default first.
func Formats() []string { return []string{usual, "markdown", "json", "html", "github"} }

const usual = "text"

// Add adds the flags of the options, except the format.
func (o *Options) Add(f *pflag.FlagSet) {
	f.Float64Var(&o.least, "min", 0, "fail if the `SCORE` of a group is below this percentage")
	f.StringVar(&o.dir, "report", "", "a folder for mutants.html, mutants.json, mutants.xml (JUnit) and mutants.md")
	f.BoolVar(&o.all, "all", false, "list the changes that were noticed too, and by which scenario")
	f.BoolVar(&o.patch, "write-suggestions", false,
		"print a patch of the features instead, with which they notice what they can, for git apply")
	f.BoolVar(&o.entries, "write-mutants", false,
		"print an entry of that file instead for each change that nothing noticed and that is not listed yet")
}

// Check returns an error for options that exclude each other.
func (o *Options) Check() error {
	const most = 100
	switch {
	case o.least < 0 || o.least > most || math.IsNaN(o.least):
		return fmt.Errorf("--min %v, want a percentage from 0 to 100", o.least)
	case o.patch && o.entries:
		return errors.New("--write-suggestions and --write-mutants do not go together: each prints a file of its own")
	case (o.patch || o.entries) && o.Format != usual:
		return fmt.Errorf("--format %s and --write-suggestions or --write-mutants do not go together: "+
			"--report DIR writes the report beside them", o.Format)
	default:
		return nil
	}
}

// A patchWriter writes a patch: the line ends of Windows are as they are in the file, since git
// compares them.
type patchWriter struct{ to *Target }

// Write implements [io.Writer].
func (w *patchWriter) Write(b []byte) (int, error) {
	const end = "\r\n"
	parts := strings.Split(string(b), end)
	for i, part := range parts {
		if _, err := io.WriteString(w.to.Text, part); err != nil {
			return 0, err
		}
		if i+1 < len(parts) {
			if _, err := io.WriteString(w.to.Out, end); err != nil {
				return 0, err
			}
		}
	}
	return len(b), nil
}

// A Target says where to write a report.
type Target struct {
	// Out is what is printed, Text the same with nothing in it that steers a terminal, and
	// Commands the same for what the runner of a job on GitHub reads as commands. Talk is such a
	// one beside the result. Required.
	Out, Text, Commands, Talk io.Writer

	// Path resolves a path as a person wrote it, Replace writes a file in one piece, and Place
	// returns where a file is for GitHub. Required.
	Path    func(name string) string
	Replace func(name string, fill func(io.Writer) error) error
	Place   func(file string) string

	// Env looks up environment variables. They say whether flowtest runs in a job on GitHub.
	// Required.
	Env func(string) (string, bool)
}

// Write writes the report as the options say. In a job on GitHub it also writes warnings
// and the summary of the job. It writes the files of the report folder first.
func (o *Options) Write(to *Target, r *mutate.Report) error {
	if o.dir != "" {
		dir := to.Path(o.dir)
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a CI server often is another user
			return fmt.Errorf("report: the folder %s cannot be made: %w", o.dir, err)
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			err := to.Replace(filepath.Join(dir, name), func(w io.Writer) error { return files[name](w, r) })
			if err != nil {
				return fmt.Errorf("report: %w", err)
			}
		}
	}
	if err := o.print(to, r); err != nil {
		return err
	}
	if on, _ := to.Env("GITHUB_ACTIONS"); on != "true" {
		return nil
	}
	if o.Format != "github" {
		w := to.Commands
		if o.Format != usual || o.patch || o.entries { // the output is meant for a file
			w = to.Talk
		}
		if err := GitHub(w, r, to.Place); err != nil {
			return err
		}
	}
	path, _ := to.Env("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	var b strings.Builder
	_ = Markdown(&b, r, false) // into memory
	return output.AppendJobSummary(path, b.String())
}

func (o *Options) print(to *Target, r *mutate.Report) error {
	owner, _ := to.Env("USER")
	switch {
	case o.patch:
		return r.Patch(&patchWriter{to})
	case o.entries:
		return entries(to.Text, r, owner)
	case o.Format == "json":
		return JSON(&digest.Quoting{To: to.Out}, r)
	case o.Format == "html":
		return HTML(to.Out, r)
	case o.Format == "markdown":
		return Markdown(to.Text, r, o.all)
	case o.Format == "github":
		if err := GitHub(to.Commands, r, to.Place); err != nil {
			return err
		}
		_, err := fmt.Fprintln(to.Text, sum(r))
		return err
	default:
		return Text(to.Text, r, o.all)
	}
}

// Fails returns a line for each reason why a complete report fails.
func (o *Options) Fails(r *mutate.Report) (lines []string, hint string) {
	lines = slices.Clone(r.Stale)
	if low := r.Below(o.least); low != "" {
		lines = append(lines, fmt.Sprintf("--min %v: the score is below that in %s", o.least, low))
		hint = "add assertions for the changes that are listed"
	}
	return lines, hint
}

// An entry is an entry of mutants.yaml.
type entry struct {
	Mutant  string `yaml:"mutant"`
	Reason  string `yaml:"reason"`
	Owner   string `yaml:"owner"`
	Expires string `yaml:"expires"`
}

// entries prints an entry for each mutant that nothing noticed and no entry accepts. As
// the reason it writes the change, which a person should replace by why it is
// acceptable.
func entries(w io.Writer, r *mutate.Report, owner string) error {
	const days = 30
	expires := time.Now().AddDate(0, 0, days).Format(time.DateOnly)
	var out []entry
	for _, m := range listed(r, false) {
		out = append(out, entry{m.ID, m.Change, cmp.Or(owner, "not assigned yet"), expires})
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
