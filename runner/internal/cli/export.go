package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner/internal/export"
	"flowtest/runner/internal/export/cover"
	"flowtest/runner/internal/export/lint"
	"flowtest/runner/internal/export/scaffold"
	"flowtest/runner/internal/export/synth"
	"flowtest/runner/internal/output"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/internal/store"
	"flowtest/steps/conformance"
	"flowtest/steps/words"
)

func describeCommand(p *Process) *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "describe FLOW.json",
		Short: "Describe the export of a flow: its screens, and what each button leads to",
		Long: `Describe reads the JSON export of a flow, as "Download Flow JSON" in DaVinci or its
API writes it, and prints the screens as a client gets them: fields, buttons, what
each button leads to, and under which conditions. It sends nothing.

As markdown it fits a pull request, as mermaid it is a diagram, and as json it has
everything for a program.`,
		Example: `  flowtest describe sign-on.json
  flowtest describe sign-on.json --format mermaid`,
		Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			write := map[string]func(*export.File, io.Writer) error{
				"text": (*export.File).Text, "markdown": (*export.File).Markdown,
				"json": (*export.File).JSON, "mermaid": (*export.File).Mermaid,
			}[format]
			f, err := readExport(p, args[0])
			if err != nil {
				return err
			}
			out := p.Stdout
			if format != "json" {
				out = plain{out}
			}
			return write(f, out)
		},
	}
	addFormat(c, &format, "text", "markdown", "json", "mermaid")
	return c
}

// readExport reads the export of a flow from a file.
func readExport(p *Process, name string) (*export.File, error) {
	data, err := safefile.Read(p.path(name), export.MaxSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist, want the export of a flow", name)
	case err != nil:
		return nil, fmt.Errorf("the export of a flow is not read: %w", err)
	}
	f, err := export.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
}

// isExport reports whether an argument names the export of a flow.
func isExport(name string) bool { return strings.EqualFold(filepath.Ext(name), ".json") }

// onlyExports reports whether arguments are the exports of flows. Exports beside features are
// an error.
func onlyExports(p *Process, args []string) (bool, error) {
	i := slices.IndexFunc(args, isExport)
	if i < 0 {
		return false, nil
	}
	for _, arg := range args {
		if !isExport(arg) {
			return false, fmt.Errorf("check: %s is the export of a flow and %s is none: check them in two commands",
				args[i], arg)
		}
		if info, err := os.Stat(p.path(arg)); err == nil && info.IsDir() {
			return false, nil
		}
	}
	return true, nil
}

// allSDKs is the value of --sdks that is given without one.
const allSDKs = "all"

// sdkNames are the SDKs as --sdks names them.
var sdkNames = map[string]conformance.SDK{
	"web": conformance.Web, "android": conformance.Android, "ios": conformance.IOS,
}

// takeSDKs takes the list after --sdks out of the arguments: without a list the flag means
// all, so that a list which does not follow an equals sign is read as an argument.
func (f *checkFlags) takeSDKs(args []string) []string {
	if f.sdks != allSDKs {
		return args
	}
	for i, arg := range args {
		if _, err := readSDKs(arg); err == nil && arg != allSDKs {
			f.sdks = arg
			return slices.Delete(slices.Clone(args), i, i+1)
		}
	}
	return args
}

// readSDKs reads the value of --sdks.
func readSDKs(text string) (list []conformance.SDK, err error) {
	switch text {
	case "":
		return nil, nil
	case allSDKs:
		return conformance.SDKs(), nil
	}
	for name := range strings.SplitSeq(text, ",") {
		sdk, ok := sdkNames[strings.ToLower(strings.TrimSpace(name))]
		if !ok {
			return nil, fmt.Errorf("--sdks: there is no SDK %q, want web, android or ios", name)
		}
		list = append(list, sdk)
	}
	return list, nil
}

// checkExports checks the exports of flows against the rules.
func (f *checkFlags) checkExports(p *Process, args []string) error {
	path := p.inRepository
	write := map[string]func(io.Writer, []lint.Report) error{
		"text": lint.Text, "json": lint.JSON,
		"sarif":  func(w io.Writer, r []lint.Report) error { return lint.SARIF(w, r, version(), path) },
		"github": func(w io.Writer, r []lint.Report) error { return lint.GitHub(unguarded(w), r, path, digest.Plain) },
		"dvlint": func(w io.Writer, r []lint.Report) error { return lint.DVLint(w, r, version()) },
	}[f.format]
	sdks, err := readSDKs(f.sdks)
	if err != nil {
		return err
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	known, err := (&conformFlags{}).readKnown(w)
	if err != nil {
		return err
	}
	var reports []lint.Report
	var stale []string
	var wrong []error
	for _, name := range args {
		file, err := readExport(p, name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		r := lint.Report{Name: filepath.ToSlash(name), File: file, Findings: lint.Check(file, sdks)}
		var flows []string
		for _, flow := range file.Flows {
			flows = append(flows, flow.Name)
		}
		stale = append(stale, known.Export(flows, r.Findings)...)
		reports = append(reports, r)
	}
	if len(wrong) > 0 {
		return errors.Join(wrong...)
	}
	out := p.Stdout
	if f.format == "text" {
		out = plain{out}
	}
	if err := write(out, reports); err != nil {
		return err
	}
	for _, line := range stale {
		p.say("error: " + line)
	}
	if lint.Failed(reports)+len(stale) > 0 {
		return &exitError{code: ExitFailed}
	}
	return nil
}

// holdsHAR reports whether a file that ends in .json is a HAR file.
func holdsHAR(p *Process, name string) bool {
	data, err := safefile.Read(p.path(name), export.MaxSize)
	return err == nil && gjson.GetBytes(data, "log.entries").IsArray()
}

// importExport makes a recording of the export of a flow.
func importExport(p *Process, f *recordFlags, name string) error {
	w, err := p.open(f.Config)
	if err != nil {
		return err
	}
	dir := w.folder(f.Out)
	if dir == "" {
		return usage(errors.New("there is no flowtest.yaml here, so it is not clear where recordings go"),
			"say it with --out DIR, or write a flowtest.yaml with flowtest init")
	}
	file, err := readExport(p, name)
	if err != nil {
		return err
	}
	flow := flowNamed(name, f.flow)
	if !filepath.IsLocal(flow) || strings.ContainsAny(flow, `/\`) {
		return usage(fmt.Errorf("a flow of the name %q can have no folder", flow), "name it with --flow NAME")
	}
	made, err := synth.Make(file, flow)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	to := filepath.Join(dir, flow)
	switch old, err := recordings.Load(os.DirFS(to), "."); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return usage(fmt.Errorf("%s holds a recording that cannot be read, and import does not replace it: %w", to,
			err),
			"remove the folder, or choose another name with --flow NAME")
	case old.Source != made.Flow.Source:
		return usage(fmt.Errorf("%s is a recording with the source %s, which one that is synthetic does not "+
			"replace", to, old.Source),
			"choose another name with --flow NAME, and compare them with flowtest diff")
	}
	if err := store.Save(to, made.Flow); err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s of %s, made from the export and not recorded (source: synthetic)\n", filepath.ToSlash(to),
		words.Count(len(made.Flow.Hops), "hop"), words.Count(made.Screens(), "screen"))
	if len(made.Attributes) > 0 {
		fmt.Fprintf(&b, "a user needs %s\n", words.And(made.Attributes))
	}
	if len(made.Left) > 0 {
		fmt.Fprintf(&b, "%s left out:\n", words.Count(len(made.Left), "outcome"))
	}
	for _, l := range made.Left {
		fmt.Fprintf(&b, "  %s\n", l)
	}
	_, err = io.WriteString(plain{p.Stdout}, b.String())
	return err
}

// synthetic says which recordings nothing was recorded of, "" for none.
func synthetic(flows []*recordings.Flow) string {
	var names []string
	for _, f := range flows {
		if f.Source == recordings.Synthetic {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return words.Count(len(names), "synthetic recording") + ": " + words.List(names, 3)
}

// flowNamed is the name of the flow of an export: as it was given, or that of the file.
func flowNamed(file, given string) string {
	return cmp.Or(given, strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)))
}

// coverFrom adds the journeys of a report folder or of recordings.
func coverFrom(w *workspace, name string, found *cover.Coverage) error {
	data, err := safefile.Read(filepath.Join(w.p.path(name), output.JSONFile), export.MaxSize)
	if err == nil {
		if err := found.AddReport(data); err != nil {
			return fmt.Errorf("%s of %s: %w", output.JSONFile, name, err)
		}
		return nil
	}
	flows, err := loadFlows(w, name)
	if err != nil {
		return fmt.Errorf("%w; nor is it the folder of a report", err)
	}
	found.AddRecordings(flows)
	return nil
}

func scaffoldCommand(p *Process) *cobra.Command {
	var config, out, flow string
	c := &cobra.Command{
		Use:   "scaffold FLOW.json | scaffold RECORDING",
		Short: "Write features for the export of a flow or for a recording",
		Long: `Scaffold writes a feature file to start from: one scenario for each outcome of each
button, by the shortest way, with the names that people read. Of an export it writes
what passes on the recording that flowtest import makes of it. Outcomes that what is
typed does not decide are listed after "# TODO", with the node that decides. It
never overwrites a file.`,
		Example: `  flowtest scaffold sign-on.json
  flowtest scaffold recordings/sign-on -o features`,
		Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := p.open(config)
			if err != nil {
				return err
			}
			return scaffoldTo(w, args[0], flow, out)
		},
	}
	c.Flags().StringVarP(&out, "out", "o", "", "the folder to write to (default features, beside flowtest.yaml)")
	c.Flags().StringVar(&flow, "flow", "", "of an export: the flow's name (default that of the file)")
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	return c
}

func scaffoldTo(w *workspace, name, flow, out string) error {
	var flows []*recordings.Flow
	var todo []string
	if isExport(name) {
		file, err := readExport(w.p, name)
		if err != nil {
			return err
		}
		made, err := synth.Make(file, flowNamed(name, flow))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		flows = []*recordings.Flow{made.Flow}
		for _, l := range made.Left {
			todo = append(todo, l.String())
		}
	} else {
		var err error
		if flows, err = loadFlows(w, name); err != nil {
			return err
		}
	}
	dir := w.p.path(cmp.Or(out, shippedFeatures))
	if out == "" && w.own {
		dir = w.beside(shippedFeatures)
	}
	for _, f := range flows {
		text := scaffold.Write(f, todo)
		to := filepath.Join(dir, strings.NewReplacer("/", "-", `\`, "-").Replace(f.Name)+".feature")
		err := w.p.create(to, text.Text)
		if errors.Is(err, fs.ErrExist) {
			return usage(fmt.Errorf("%s is there, and scaffold overwrites nothing", to),
				"write to another folder with -o DIR")
		}
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(plain{w.p.Stdout}, "%s: %s\n", filepath.ToSlash(to), words.Count(text.Scenarios, "scenario"))
	}
	return nil
}
