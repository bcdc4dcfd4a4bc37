package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"flowtest/runner"
	"flowtest/runner/internal/exercised"
	"flowtest/runner/internal/export/lint"
	"flowtest/runner/internal/known"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/report"
	"flowtest/steps/conformance"
)

// knownName is the file of known failures that is looked for.
const knownName = "known-failures.yaml"

// mutantsName is the file of changes that may go unnoticed that is looked for.
const mutantsName = "mutants.yaml"

// sentencesName is the file of sentences that is looked for.
const sentencesName = "sentences.yaml"

// mostSentences bounds that file, in bytes.
const mostSentences = 256 << 10

// sentences reads the sentences of the workspace, nil if there is no such file.
func (w *workspace) sentences() (*runner.Sentences, error) {
	if !w.own {
		return nil, nil
	}
	text, err := safefile.Read(w.beside(sentencesName), mostSentences)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := runner.ReadSentences(sentencesName, text)
	if err != nil {
		return nil, usage(err, "an entry has a sentence and its steps")
	}
	return list, nil
}

// conformFlags are the flags about requirements and about passes that mean little.
type conformFlags struct {
	conformance []string
	required    string
	known       string
	writeKnown  bool
}

func (f *conformFlags) add(c *cobra.Command, s *runner.Suite) {
	c.Flags().StringArrayVar(&f.conformance, "conformance", nil,
		"a `mode`: off, warn (a broken requirement fails nothing) or fail (it fails the scenario, the default);\n"+
			"or a FILE.json, FILE.md or FILE.txt for the matrix requirement × journey; may be given several times")
	addDemand(c, &f.required)
	c.Flags().BoolVar(&s.Strict, "strict", false,
		"fail passes that show nothing: a scenario without a Then, a hop that nothing looked at,\n"+
			"a run in which every hop was 401")
	c.Flags().StringVar(&f.known, "known-failures", "",
		"the `file` of known failures, each until a date (default "+knownName+", if it exists)")
	c.Flags().BoolVar(&f.writeKnown, "write-known-failures", false,
		"print an entry for each failure that is not listed yet")
}

// addDemand adds the flag that requirements have to apply.
func addDemand(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "require-exercised", "",
		"fail if a requirement of this `level`, MUST or SHOULD, applied to no hop; a level skips a shape,\n"+
			"JSON or detailed, that no journey asked for. The beginning of an id works too; separate several by commas")
}

// demandOf reads the value of that flag.
func demandOf(text string) (exercised.Demand, error) {
	d, err := exercised.Parse(text)
	if err != nil {
		return d, usage(fmt.Errorf("--require-exercised: %w", err),
			"flowtest requirements prints them, as in --require-exercised MUST,JSON-STEP2")
	}
	return d, nil
}

// conform is what the flags ask for.
type conform struct {
	out      io.Writer // what is printed of known failures goes there
	verdict  runner.Verdict
	required exercised.Demand
	known    *known.List
	files    []string
	entries  bool // prints an entry for each new failure
}

func (f *conformFlags) read(w *workspace) (*conform, error) {
	c := &conform{entries: f.writeKnown}
	for _, v := range f.conformance {
		switch v {
		case "off":
			c.verdict = runner.OffBroken
		case "warn":
			c.verdict = runner.WarnBroken
		case "fail":
			c.verdict = runner.FailBroken
		default:
			if matrixFormats[filepath.Ext(v)] == nil {
				return nil, fmt.Errorf("--conformance %q is neither off, warn or fail nor a file that ends in "+
					".json, .md or .txt", v)
			}
			c.files = append(c.files, w.p.path(v))
		}
	}
	var err error
	if c.required, err = demandOf(f.required); err != nil {
		return nil, err
	}
	if c.verdict == runner.OffBroken && (c.required.Any() || len(c.files) > 0) {
		return nil, errors.New("--conformance=off checks no requirements: " +
			"neither a file nor --require-exercised can be had beside it")
	}
	for _, file := range c.files {
		if err := safefile.Writable(file); err != nil {
			return nil, fmt.Errorf("the matrix could not be written: %w", err)
		}
	}
	c.known, err = f.readKnown(w)
	return c, err
}

// fits says what cannot be asked of that suite.
func (c *conform) fits(s *runner.Suite) error {
	if c.required.Any() && s.Shards > 1 {
		return usage(errors.New("--require-exercised asks about a whole run, and --shard runs a part of it"),
			"run the shards without it, and give it to flowtest report, which puts them together")
	}
	return nil
}

// knownFile returns where known failures are listed.
func (f *conformFlags) knownFile(w *workspace) string { return w.list(f.known, knownName) }

// list returns a list that a flag may name, otherwise the one beside flowtest.yaml.
func (w *workspace) list(named, usual string) string {
	if named != "" {
		return w.p.path(named)
	}
	return w.beside(usual)
}

func (f *conformFlags) readKnown(w *workspace) (*known.List, error) {
	return readKnown(w, f.known, knownName, known.Read,
		"an entry has journey, flow, requirement or step, reason, owner and expires")
}

// readKnown reads a list of what is known for a time: the file that a flag names, or the
// usual one where it exists.
func readKnown(w *workspace, named, usual string, read func(string, []byte, time.Time) (*known.List, error),
	hint string,
) (*known.List, error) {
	text, err := safefile.Read(w.list(named, usual), known.MaxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named == "":
		return known.New(time.Now()), nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist, want a file such as %s", named, usual)
	case err != nil:
		return nil, err
	}
	k, err := read(cmp.Or(named, usual), text, time.Now())
	if err != nil {
		return nil, usage(err, hint)
	}
	return k, nil
}

// write writes the requested files after the run.
func (c *conform) write(p *Process, run *report.Run) error {
	for _, file := range c.files {
		format := matrixFormats[filepath.Ext(file)]
		if err := p.replace(file, func(w io.Writer) error { return format(w, run) }); err != nil {
			return fmt.Errorf("the matrix could not be written: %w", err)
		}
	}
	if !c.entries {
		return nil
	}
	return printKnown(p, c.out, c.known.New())
}

// matrixFormats are the formats of the matrix requirement × journey, by the ends of
// the names of its files.
var matrixFormats = map[string]func(io.Writer, *report.Run) error{
	".json": output.MatrixJSON, ".md": output.MatrixMarkdown, ".txt": output.MatrixText,
}

// knownEntry is an entry of known-failures.yaml as it is printed.
type knownEntry struct {
	Journey     string `yaml:"journey"`
	Flow        string `yaml:"flow"`
	Requirement string `yaml:"requirement,omitempty"`
	Step        string `yaml:"step,omitempty"`
	Reason      string `yaml:"reason"`
	Owner       string `yaml:"owner"`
	Expires     string `yaml:"expires"`
}

// printKnown prints an entry for each failure, ready to be put into the file.
func printKnown(p *Process, to io.Writer, list []known.Failure) error {
	if len(list) == 0 {
		p.say("no failure that is not known already")
		return nil
	}
	user, _ := p.Env("USER")
	owner := cmp.Or(user, "not assigned yet")
	const days = 30
	expires := time.Now().AddDate(0, 0, days).Format(time.DateOnly)
	var out []knownEntry
	for _, n := range list {
		out = append(out, knownEntry{n.Journey, n.Flow, n.Requirement, n.Step, n.Found, owner, expires})
	}
	text, err := yaml.Marshal(out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(plain{to}, "\n# %s\n%s", knownName, text)
	return err
}

func requirementsCommand(p *Process) *cobra.Command {
	var format string
	var sdks bool
	c := &cobra.Command{
		Use:   "requirements [ID…]",
		Short: "Print the requirements that every hop is checked against",
		Long: `Requirements prints the catalogue: every checkable sentence of the two official
pages, "JSON Responses" and "Detailed Responses", with its level and the hops that
it applies to. Where the pages contradict each other or real responses, it prints
the doubt. An ID, or the beginning of one, chooses requirements. After them come the
rules that flowtest check applies to exports of flows.`,
		Example: `  flowtest requirements
  flowtest requirements MODEL-interactionToken
  flowtest requirements EXPORT
  flowtest requirements --format markdown`,
		RunE: func(_ *cobra.Command, args []string) error { return printRequirements(p, format, sdks, args) },
	}
	addFormat(c, &format, "text", "markdown", "json")
	c.Flags().BoolVar(&sdks, "sdks", false, "the second catalogue: what Ping's SDKs need to carry a journey")
	return c
}

func printRequirements(p *Process, format string, sdks bool, ids []string) error {
	write := map[string]func(io.Writer, []*conformance.Requirement, []lint.Rule) error{
		"text": func(w io.Writer, list []*conformance.Requirement, rules []lint.Rule) error {
			return both(w, list, rules, output.RequirementsText, lint.RulesText)
		},
		"markdown": func(w io.Writer, list []*conformance.Requirement, rules []lint.Rule) error {
			return both(w, list, rules, output.RequirementsMarkdown, lint.RulesMarkdown)
		},
		"json": requirementsJSON,
	}[format]
	list, rules := conformance.Catalogue(), lint.Rules()
	if sdks {
		list, rules = conformance.SDKCatalogue(), nil
	}
	if len(ids) > 0 {
		chosen := func(id string) bool {
			return slices.ContainsFunc(ids, func(want string) bool {
				return strings.HasPrefix(strings.ToUpper(id), strings.ToUpper(want))
			})
		}
		list = slices.DeleteFunc(list, func(r *conformance.Requirement) bool { return !chosen(r.ID) })
		rules = slices.DeleteFunc(rules, func(r lint.Rule) bool { return !chosen(r.ID) })
		if len(list)+len(rules) == 0 {
			return usage(fmt.Errorf("no requirement has an id that begins with %s", strings.Join(ids, " or ")),
				"flowtest requirements prints all of them")
		}
	}
	return write(p.Stdout, list, rules)
}

// requirementsJSON writes both as one array.
func requirementsJSON(w io.Writer, list []*conformance.Requirement, rules []lint.Rule) error {
	var b bytes.Buffer
	var all []any
	if err := output.RequirementsJSON(&b, list); err != nil {
		return err
	}
	var first []json.RawMessage
	if err := json.Unmarshal(b.Bytes(), &first); err != nil {
		return err
	}
	for _, r := range first {
		all = append(all, r)
	}
	for _, r := range rules {
		all = append(all, struct {
			ID       string     `json:"id"`
			Level    lint.Level `json:"level"`
			Sentence string     `json:"sentence"`
			Page     string     `json:"page"`
			Section  string     `json:"section"`
			Mend     string     `json:"mend"`
		}{r.ID, r.Level, r.Sentence, "Exports of flows", r.Source, r.Fix})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(all)
}

// both writes what there is of requirements and of rules for exports.
func both(w io.Writer, list []*conformance.Requirement, rules []lint.Rule,
	first func(io.Writer, []*conformance.Requirement) error, second func(io.Writer, []lint.Rule) error,
) error {
	if len(list) > 0 {
		if err := first(w, list); err != nil {
			return err
		}
		if len(rules) > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
	}
	if len(rules) == 0 {
		return nil
	}
	return second(w, rules)
}
