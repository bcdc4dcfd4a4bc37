package cli

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/internal/schema"
	"flowtest/runner/internal/vocabulary"
	"flowtest/steps"
	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func initCommand(p *Process) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a configuration, a feature and a recording to start from",
		Long: `Init writes flowtest.yaml, a feature and the recording that it replays, and settings
with which Visual Studio Code's Cucumber extension completes steps and underlines
unknown ones. It never changes an existing file. It keeps existing editor settings,
and writes nothing if another file is in the way.`,
		Example: `  flowtest init
  flowtest init flow-tests && cd flow-tests && flowtest run`,
		Args: takes(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := cmp.Or(strings.Join(args, ""), ".")
			if info, err := os.Stat(p.path(dir)); err == nil && !info.IsDir() {
				return usage(fmt.Errorf("init: %s is a file, want a folder", dir), "flowtest init flow-tests makes one")
			}
			return writeStart(p, dir)
		},
	}
}

// A starting file and what it holds.
type starting struct{ name, text string }

// editors is the folder of what only helps an editor: a run does without it.
const editors = ".vscode/"

func writeStart(p *Process, dir string) error {
	files, err := startingFiles()
	if err != nil {
		return err
	}
	var write []starting
	var left, ours []string // ours are as they would be written
	var wrong []error
	for _, f := range files {
		at := filepath.Join(p.path(dir), f.name)
		_, err := os.Lstat(at)
		switch {
		case err == nil:
			left = append(left, f.name)
			if text, err := safefile.Read(at, int64(len(f.text))); err == nil && string(text) == f.text {
				ours = append(ours, f.name)
			}
		case errors.Is(err, fs.ErrNotExist):
			write = append(write, f)
		default:
			wrong = append(wrong, fmt.Errorf("init: %w", err))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return usage(err, "nothing was written")
	}
	editor := func(name string) bool { return strings.HasPrefix(name, editors) }
	taken := slices.DeleteFunc(slices.Clone(left), editor)
	lacks := slices.ContainsFunc(write, func(f starting) bool { return !editor(f.name) })
	changed := slices.ContainsFunc(taken, func(name string) bool { return !slices.Contains(ours, name) })
	interrupted := len(taken) > 0 && lacks && !changed
	if len(taken) > 0 && !interrupted {
		where := dir
		if dir == "." {
			where = "this folder"
		}
		return usage(fmt.Errorf("init: %s has %s already", where, listed(left)),
			"nothing was written; choose an empty folder with flowtest init DIR")
	}
	if interrupted {
		p.say("init: a flowtest init of " + dir + " was interrupted: it is finished now")
		for _, name := range ours { // which are there, and what is left beside them goes
			_ = safefile.Create(filepath.Join(p.path(dir), name), nil, p.say)
		}
	}
	if err := createAll(p, dir, write); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	var created []string
	for _, f := range write {
		created = append(created, f.name)
	}
	return announceStart(p, dir, created, left)
}

func createAll(p *Process, dir string, files []starting) error {
	done, err := p.stop.Commit()
	if err != nil {
		return err
	}
	defer done()
	for _, f := range files {
		if err := safefile.Create(filepath.Join(p.path(dir), f.name), []byte(f.text), p.say); err != nil {
			return err
		}
	}
	return nil
}

// announceStart says what init wrote, what it left, and what to do next.
func announceStart(p *Process, dir string, created, left []string) error {
	text := fmt.Sprintf("created %s: %s\n", words.Count(len(created), "file"), listed(created))
	if len(left) > 0 {
		text += "left as it was: " + listed(left) + "\n"
	}
	if slices.Contains(left, editors+"settings.json") {
		text += "for completion in the editor add to " + editors + `settings.json: "cucumber.glue": ["` +
			editors + `flowtest-steps.go"]` + "\n"
	}
	next := "flowtest run"
	if dir != "." {
		next = "cd " + dir + " && " + next
	}
	_, err := fmt.Fprintf(plain{p.Stdout}, "%snext: %s\n", text, next)
	return err
}

// listed names files in one line: of several in a folder below another, the
// folder and how many they are.
func listed(names []string) string {
	in := map[string][]string{}
	for _, name := range names {
		folder, _ := path.Split(name)
		in[folder] = append(in[folder], name)
	}
	var list []string
	for _, name := range names {
		folder, _ := path.Split(name)
		switch all := in[folder]; {
		case folder == "" || len(all) == 1:
			list = append(list, name)
		case name == all[0]:
			list = append(list, fmt.Sprintf("%s (%d files)", folder, len(all)))
		}
	}
	return strings.Join(list, ", ")
}

//go:embed starting
var startingTexts embed.FS

// startingFiles returns what init writes, in the order in which a person reads it.
func startingFiles() ([]starting, error) {
	text := func(name string) string {
		b, _ := startingTexts.ReadFile("starting/" + name) // it is part of the program
		return string(b)
	}
	files := []starting{
		{configName, text(configName)},
		{"features/sign-on.feature", text("sign-on.feature")},
		{editors + "settings.json", text("settings.json")},
		{editors + "extensions.json", text("extensions.json")}, // an editor offers to install what they name
		{editors + "flowtest-steps.go", vocabulary.Glue(steps.Definitions())},
	}
	for _, name := range schema.Names() {
		files = append(files, starting{editors + schema.File(name), schema.Of(name)})
	}
	shipped := recordings.Shipped()
	entries, err := fs.ReadDir(shipped, "sign-on")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := fs.ReadFile(shipped, "sign-on/"+e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, starting{"recordings/sign-on/" + e.Name(), string(text)})
	}
	return files, nil
}

func importCommand(p *Process) *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "import FILE.har | import FLOW.json",
		Short: "Make recordings from a HAR file or from the export of a flow",
		Long: `Import reads a HAR 1.2 file, as the developer tools of browsers and Playwright save
it, and writes recordings of the flows in it. It skips and counts requests that
belong to no flow. It removes secrets as record does, and recognizes the users of
the target. Sign on twice along the same path, so that import can distinguish
generated values from constant ones. Save the file with sensitive data, because
the session's cookies are missing without it.

Of the export of a flow, a file that ends in .json, it makes a recording before the
flow runs anywhere. The recording has the source synthetic, and import lists the
outcomes that only the backend can distinguish, with the node that decides. It never
replaces a recording that was recorded.`,
		Example: `  flowtest import sign-on.har --flow sign-on
  flowtest import sign-on.json --flow sign-on
  flowtest import sign-on.har --target staging --out recordings`,
		Args: takes(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			if isExport(args[0]) && !holdsHAR(p, args[0]) {
				return importExport(p, &f, args[0])
			}
			return importHAR(p, &f, args[0])
		},
	}
	c.Flags().StringVar(&f.Config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.Target, "target", "", "the target whose users and flows are in the file")
	c.Flags().StringVar(&f.Out, "out", "", "the folder of recordings to write to (default that of flowtest.yaml)")
	c.Flags().StringVar(&f.flow, "flow", "", "the flow's name, if the target does not name it")
	c.Flags().BoolVar(&f.Fresh, "fresh", false, "start each recording again instead of adding to it")
	return c
}

func importHAR(p *Process, f *recordFlags, file string) (err error) {
	w, err := p.open(f.Config)
	if err != nil {
		return err
	}
	t, err := w.target(f.Target)
	if err != nil {
		return err
	}
	r, err := newRecorder(w, t, f.Out, f.Fresh)
	if err != nil {
		return err
	}
	defer r.Close()
	archive, err := readHAR(p, file)
	if err != nil {
		return err
	}
	r.Target = record.WithUsers(t, archive.Legend.Users)
	journeys, err := record.Assign(r, archive.Groups, f.flow, archive.Legend.Flows, p.say)
	if err != nil {
		return recordError(err)
	}
	if !slices.ContainsFunc(archive.Journeys, setsCookie) {
		p.say("warning: " + file + " has no cookies, so none are in the recordings: " +
			"browsers leave them out of a file that is not saved with sensitive data")
	}
	save := record.Saver{Recorder: r, Out: p.Stdout, Say: p.say, Exported: len(archive.Legend.Users) > 0}
	return recordError(save.Save(journeys))
}

func readHAR(p *Process, file string) (archive *har.Archive, err error) {
	h, err := safefile.Open(p.path(file), har.MaxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist, want a HAR file or the export of a flow", file)
	case err != nil:
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	const large = 16 << 20 // bytes
	if info, err := h.Stat(); err == nil && info.Size() > large {
		hold(p)
	}
	if archive, err = har.Read(h); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return archive, nil
}

// hold has the garbage collected often from now on: the command holds a large file.
func hold(p *Process) {
	if p.Exit != nil {
		p.rate.Store(holdingGCPercent)
		debug.SetGCPercent(holdingGCPercent)
	}
}

// setsCookie reports whether any answer of a journey sets a cookie.
func setsCookie(journey davinci.Exchanges) bool {
	return slices.ContainsFunc(journey, func(x davinci.Exchange) bool {
		return x.ResponseHeader.Get("Set-Cookie") != ""
	})
}

func exportCommand(p *Process) *cobra.Command {
	var config, out string
	var asHAR bool
	c := &cobra.Command{
		Use:   "export --har [FLOW…]",
		Short: "Write recordings as a HAR file",
		Long: `Export writes recordings as HAR 1.2, so that other tools can read them: every hop
in each of its shapes, with made-up values instead of generated and secret ones. Two
made-up people take every path, and the file names them below log._flowtest. So
import can make recordings of it again that distinguish right and wrong passwords.`,
		Example: `  flowtest export --har --out sign-on.har sign-on
  flowtest import sign-on.har --out copy`,
		RunE: func(_ *cobra.Command, args []string) error {
			if !asHAR {
				return usage(errors.New("export writes only HAR: add --har"), "flowtest export --har --out flows.har")
			}
			return exportHAR(p, config, out, args)
		},
	}
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&out, "out", "-", "the file to write; - is the standard output")
	c.Flags().BoolVar(&asHAR, "har", false, "write HAR 1.2")
	return c
}

func exportHAR(p *Process, config, out string, names []string) (err error) {
	w, err := p.open(config)
	if err != nil {
		return err
	}
	flows, err := w.recordings("")
	if err != nil {
		return err
	}
	if flows, err = chosenFlows(flows, names); err != nil {
		return err
	}
	journeys, legend, err := har.Standins(flows)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	write := func(to io.Writer) error { return har.Write(to, journeys, version(), legend) }
	if out == "-" {
		err = write(&digest.Quoting{To: p.Stdout})
	} else {
		err = p.replace(p.path(out), write)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// flowNames returns the names of flows, in their order.
func flowNames(flows []*recordings.Flow) (names []string) {
	for _, f := range flows {
		names = append(names, f.Name)
	}
	return names
}

// chosenFlows returns the flows that are named, or all if none is.
func chosenFlows(flows []*recordings.Flow, names []string) ([]*recordings.Flow, error) {
	have := flowNames(flows)
	for _, name := range names {
		if !slices.Contains(have, name) {
			return nil, fmt.Errorf("there is no recording of the flow %q, there are recordings of %s", name,
				strings.Join(have, ", "))
		}
	}
	return slices.DeleteFunc(flows, func(f *recordings.Flow) bool {
		return len(names) > 0 && !slices.Contains(names, f.Name)
	}), nil
}
