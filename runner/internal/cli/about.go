package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/schema"
	"flowtest/runner/internal/vocabulary"
	"flowtest/steps"
	"flowtest/steps/words"
)

func versionCommand(p *Process) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  flowtest version",
		Args:    takes(0, 0),
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(p.Stdout, built())
			return err
		},
	}
}

// built is the line that says what the program is.
func built() string {
	return fmt.Sprintf("flowtest %s, recording format %d, %s %s/%s\n",
		version(), recordings.Format, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// version returns the version that the program was built of.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// helpCommand prints what --help prints.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Print the help of a command",
		Example: "  flowtest help run",
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			of, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, args)
			}
			of.InitDefaultHelpFlag() // which --help would have made
			return of.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			for _, of := range c.Root().Commands() {
				if len(args) == 0 && of.IsAvailableCommand() {
					names = append(names, of.Name()+"\t"+of.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// unknownCommand refuses what follows the program's name and is not a command. If nothing
// follows, it prints the help.
func unknownCommand(root *cobra.Command, args []string) error {
	if len(args) == 0 {
		return root.Help()
	}
	hint := helpOf(root)
	var known, begun []string
	for _, c := range root.Commands() {
		if !c.IsAvailableCommand() {
			continue
		}
		known = append(known, c.Name())
		if strings.HasPrefix(c.Name(), strings.ToLower(args[0])) {
			begun = append(begun, c.Name())
		}
	}
	if near := words.Nearest(args[0], known); near != "" && !slices.Contains(begun, near) {
		begun = append(begun, near)
	}
	if len(begun) > 0 {
		hint = `did you mean "` + strings.Join(begun, `" or "`) + `"? ` + hint
	}
	return usage(fmt.Errorf("unknown command %q for %q", args[0], root.CommandPath()), hint)
}

// An exitError is an error with the exit code that it ends in. Without err the
// command has said everything itself.
type exitError struct {
	code int
	err  error
	hint string
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// usage is an error of the command line or the configuration.
func usage(err error, hint string) error { return &exitError{ExitUsage, err, hint} }

// ending returns what is said of the error that a command ended in: every one of
// those that it was joined of, each on its lines and none twice, and their hints.
func ending(err error) (said, hints []string, code int) {
	var codes []int
	for _, one := range apart(err) {
		e, ok := errors.AsType[*exitError](one)
		if !ok {
			e = &exitError{code: ExitUsage, err: one}
		}
		codes = append(codes, e.code)
		if e.err != nil {
			for line := range strings.SplitSeq(strings.TrimSpace(plainly(one)), "\n") {
				said = appendNew(said, "error: "+withoutPackage(line))
			}
		}
		if e.hint != "" {
			hints = appendNew(hints, "hint: "+e.hint)
		}
	}
	if last := slices.Max(codes); last > ExitEnvironment { // that of a signal
		return said, hints, last
	}
	// That the run may be tried again holds only where nothing else is wrong.
	for _, code := range []int{ExitUsage, ExitFailed, ExitNothing} {
		if slices.Contains(codes, code) {
			return said, hints, code
		}
	}
	return said, hints, ExitEnvironment
}

// withoutPackage returns what an error says without the name of the package of Go with which an
// error of a public package begins: a person at a terminal has no use for it.
func withoutPackage(text string) string {
	for _, name := range []string{"mockserver: ", "runner: ", "flow: "} {
		text = strings.TrimPrefix(text, name)
	}
	return text
}

// apart takes an error that was joined of several into them.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var texts []string
	var out []error
	for _, one := range joined.Unwrap() {
		texts = append(texts, one.Error())
		out = append(out, apart(one)...)
	}
	if err.Error() != strings.Join(texts, "\n") {
		return []error{err} // a sentence of its own, which wraps several
	}
	return out
}

func appendNew(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// exitCode returns the exit code of an error that a command ended in.
func exitCode(err error) int {
	if err == nil {
		return ExitPassed
	}
	_, _, code := ending(err)
	return code
}

func stepsCommand(p *Process) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "steps [WORD…]",
		Short: "List the sentences that features may use, with examples",
		Long: `Steps lists every sentence that a feature may use, grouped by subject, with an
example and its meaning. Each WORD leaves the sentences that have it in their text
or meaning. The format html is one page without other files, json is for programs,
and go is the file by which editors know the sentences.`,
		Example: `  flowtest steps
  flowtest steps cookie
  flowtest steps --format markdown > steps.md
  flowtest steps --format html > steps.html`,
		RunE: func(_ *cobra.Command, args []string) error { return listSteps(p, format, args) },
	}
	addFormat(c, &format, "text", "markdown", "json", "html", "go")
	return c
}

func listSteps(p *Process, format string, search []string) error {
	write := map[string]func(io.Writer, []vocabulary.Area) error{
		"text": vocabulary.Text, "markdown": vocabulary.Markdown,
		"json": func(w io.Writer, list []vocabulary.Area) error {
			return vocabulary.JSON(&digest.Quoting{To: w}, list)
		},
		"html": func(w io.Writer, list []vocabulary.Area) error { return vocabulary.HTML(w, version(), list) },
	}[format]
	defs, err := definitions(p)
	if err != nil {
		return err
	}
	if format == "go" && len(search) == 0 {
		_, err := io.WriteString(p.Stdout, vocabulary.Glue(defs))
		return err
	}
	if write == nil {
		return errors.New("--format go lists all sentences: give it no WORD")
	}
	list, err := vocabulary.Search(defs, search)
	if err != nil {
		return usage(err, "flowtest steps lists all sentences")
	}
	if err := write(p.Stdout, list); err != nil {
		return fmt.Errorf("the list could not be written: %w", err)
	}
	return nil
}

// definitions returns the sentences of flowtest, and those of the workspace if there is one.
func definitions(p *Process) ([]steps.Definition, error) {
	if p.above(configName) == "" {
		return steps.Definitions(), nil
	}
	w, err := p.open("")
	if err != nil {
		return nil, err
	}
	own, err := w.sentences()
	if err != nil {
		return nil, err
	}
	return (&runner.Suite{Sentences: own}).Definitions(), nil
}

func schemaCommand(p *Process) *cobra.Command {
	return &cobra.Command{
		Use:   "schema NAME",
		Short: "Print the JSON Schema of a file, for editors",
		Long: `Schema prints the JSON Schema of a file that people write: flowtest.yaml,
recording.yaml, known-failures.yaml, mutants.yaml or sentences.yaml. With it an editor
completes keys and underlines unknown ones. Init writes all of them.`,
		Example:   "  flowtest schema flowtest.yaml > flowtest.schema.json",
		Args:      takes(1, 1),
		ValidArgs: schema.Names(),
		RunE: func(_ *cobra.Command, args []string) error {
			text := schema.Of(args[0])
			if text == "" {
				return fmt.Errorf("there is no schema of %q, want %s%s", args[0], words.Or(schema.Names()),
					words.DidYouMean(": ", args[0], schema.Names()))
			}
			_, err := io.WriteString(p.Stdout, text)
			return err
		},
	}
}

// completing makes a shell complete what flags take: targets, users, flows, tags and formats.
func completing(p *Process, root *cobra.Command) {
	journeys := map[string]func(w *workspace, given string) []string{
		"target": func(w *workspace, _ string) []string { return w.file.Names() },
		"user":   usersOf, "flow": flowsOf, "tags": tagsOf,
	}
	journeys["against"] = journeys["target"]
	fixed := map[string][]string{
		"platform": {"web", "android", "ios"}, "conformance": {"off", "warn", "fail"},
		"require-exercised": {"MUST", "SHOULD"},
	}
	complete := func(list func(*workspace, string) []string) cobra.CompletionFunc {
		return func(c *cobra.Command, _ []string, given string) ([]string, cobra.ShellCompDirective) {
			config := ""
			if f := c.Flag("config"); f != nil {
				config = f.Value.String()
			}
			w, err := p.open(config)
			if err != nil { // what is wrong with it a run says
				return nil, cobra.ShellCompDirectiveError
			}
			return list(w, given), cobra.ShellCompDirectiveNoFileComp
		}
	}
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.RunE = unknownCommand
		}
		c.Flags().VisitAll(func(f *pflag.Flag) {
			var of cobra.CompletionFunc
			if list := journeys[f.Name]; list != nil {
				of = complete(list)
			} else if one, ok := f.Value.(*choice); ok {
				of = cobra.FixedCompletions(one.of, cobra.ShellCompDirectiveNoFileComp)
			} else if list := fixed[f.Name]; list != nil {
				of = cobra.FixedCompletions(list, cobra.ShellCompDirectiveNoFileComp)
			}
			if of != nil {
				_ = c.RegisterFlagCompletionFunc(f.Name, of) // the flag is there, and has none yet
			}
		})
		if c.Name() == "export" {
			c.ValidArgsFunction = complete(flowsOf)
		}
	}
}

// usersOf returns the names of the users of all targets that can be had.
func usersOf(w *workspace, _ string) (names []string) {
	for _, name := range w.file.Names() {
		if t, err := w.file.Choose(name); err == nil {
			names = slices.AppendSeq(names, maps.Keys(t.Users))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// flowsOf returns the names of the flows that were recorded.
func flowsOf(w *workspace, _ string) []string {
	flows, err := w.recordings("")
	if err != nil {
		return nil
	}
	return flowNames(flows)
}

// tagLine finds the tags at the beginning of a line.
var tagLine = regexp.MustCompile(`(?m)^[ \t]*@\S+(?:[ \t]+@\S+)*`)

// tagsOf returns the tags of the features, after what is given of a tag expression.
func tagsOf(w *workspace, given string) (out []string) {
	sources, err := w.sources(nil)
	if err != nil {
		return nil
	}
	before := given[:strings.LastIndexAny(given, " (")+1]
	for _, src := range sources {
		_ = fs.WalkDir(src.FS, src.Path, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(name, ".feature") {
				return err
			}
			text, err := fs.ReadFile(src.FS, name)
			for tag := range strings.FieldsSeq(strings.Join(tagLine.FindAllString(string(text), -1), " ")) {
				out = append(out, before+tag)
			}
			return err
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}
