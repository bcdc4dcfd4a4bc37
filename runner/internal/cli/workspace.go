package cli

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"flowtest/features"
	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/record"
	"flowtest/runner/internal/target"
	"flowtest/steps/words"
)

// configName is the configuration file that is looked for.
const configName = "flowtest.yaml"

// A workspace is where features, recordings and targets come from: the folder
// of a flowtest.yaml, or what flowtest ships.
type workspace struct {
	p      *Process
	file   *target.File
	own    bool   // whether there is a flowtest.yaml
	config string // how people know it; "" if there is none
	dir    string // its folder, or that where flowtest was started
	where  string // a line for people

	// passedOver is a feature file that is here and was not read, for there is no
	// flowtest.yaml that says so; "" for none.
	passedOver string
}

// shippedFeatures is the folder of features, here as in what flowtest ships.
const shippedFeatures = "features"

// ownFeature looks for a feature file of the user's own below the folder of
// features: a checkout of flowtest has those that are shipped.
func ownFeature(p *Process) (found string) {
	dir := os.DirFS(p.path("."))
	_ = fs.WalkDir(dir, shippedFeatures, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".feature") {
			return err
		}
		if _, err := fs.Stat(features.Shipped(), strings.TrimPrefix(name, shippedFeatures+"/")); err != nil {
			found = name
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// open finds the workspace. An empty config means flowtest.yaml in the folder
// where flowtest was started or in one above it, if there is one.
func (p *Process) open(config string) (*workspace, error) {
	path := p.path(config)
	if config == "" {
		if path = p.above(configName); path == "" {
			return &workspace{
				p: p, file: target.Builtin(), dir: p.path("."),
				where: "no flowtest.yaml here: running with the shipped features and recordings",
			}, nil
		}
	}
	file, err := target.Load(os.DirFS(filepath.Dir(path)), filepath.Base(path), p.Env)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage(fmt.Errorf("%s does not exist", config), "flowtest init writes a folder to start from")
	}
	if err != nil {
		return nil, err
	}
	return &workspace{p: p, file: file, own: true, dir: filepath.Dir(path), config: cmp.Or(config, configName)}, nil
}

// called is the configuration as errors name it.
func (w *workspace) called() string { return cmp.Or(w.config, "the built-in configuration") }

// above returns the path of a file in the folder where flowtest was started, or in the nearest
// one above that has it, "" if none has.
func (p *Process) above(name string) string {
	dir, err := filepath.Abs(p.path("."))
	for up := ""; err == nil; up = filepath.Join(up, "..") {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return p.path(filepath.Join(up, name))
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

// path resolves a path as the user wrote it.
func (p *Process) path(name string) string {
	if filepath.IsAbs(name) || p.Dir == "" {
		return name
	}
	return filepath.Join(p.Dir, name)
}

// A tame writes text to a terminal or a log so that nothing in it steers that: control
// characters, and those that turn the direction of text, are written as JSON escapes
// them. Own lets those pass that color and the line of a [statusLine] are made of. The end of a line
// passes as Windows writes it too.
type tame struct {
	to  io.Writer
	own bool

	rest []byte // the beginning of a character, or of the end of a line, that the next write ends
}

var ownSequence = regexp.MustCompile(`^(?:\r|\x1b\[(?:[0-9;]*m|2K|\?7[lh]))`)

// Write implements [io.Writer].
func (t *tame) Write(b []byte) (int, error) {
	text := b
	if len(t.rest) > 0 {
		text = append(t.rest, b...)
		t.rest = nil
	}
	var out []byte // nil while nothing was changed
	for i := 0; i < len(text); {
		if out == nil && text[i] >= ' ' && text[i] < '\x7f' { // as almost all of it is
			i++
			continue
		}
		r, n, steers := t.next(text[i:])
		if n == 0 {
			t.rest = bytes.Clone(text[i:])
			if out == nil {
				out = bytes.Clone(text[:i])
			}
			break
		}
		switch {
		case steers && out == nil:
			out = fmt.Appendf(bytes.Clone(text[:i]), `\u%04x`, r)
		case steers:
			out = fmt.Appendf(out, `\u%04x`, r)
		case out != nil:
			out = append(out, text[i:i+n]...)
		}
		i += n
	}
	if out == nil {
		out = text
	}
	if _, err := t.to.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

// next returns the character with which a text begins, how many bytes pass with it, and whether it
// steers. They are 0 if the text ends within it.
func (t *tame) next(text []byte) (r rune, n int, steers bool) {
	r, n = utf8.DecodeRune(text)
	broken := r == utf8.RuneError && n == 1
	if own := ownSequence.Find(text); t.own && own != nil {
		return r, len(own), false
	}
	switch {
	case bytes.HasPrefix(text, []byte("\r\n")):
		return r, len("\r\n"), false
	case broken && !utf8.FullRune(text), r == '\r' && len(text) == 1:
		return 0, 0, false
	}
	return r, n, broken || words.Steers(r)
}

// inRepository returns a file as a path from the root of the repository that GitHub checked out,
// or absolute where it is elsewhere. What is not a file stays as it is.
func (p *Process) inRepository(file string) string {
	root, _ := p.Env("GITHUB_WORKSPACE")
	path, err := filepath.Abs(p.path(file))
	if root == "" || err != nil {
		return file
	}
	if _, err := os.Stat(path); err != nil {
		return file
	}
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		path = rel
	}
	return filepath.ToSlash(path)
}

// beside resolves a folder that flowtest.yaml names.
func (w *workspace) beside(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(w.dir, name)
}

// target returns the chosen target.
func (w *workspace) target(name string) (*target.Target, error) {
	if name == "" && !w.own {
		name, _ = w.p.Env("FLOWTEST_TARGET")
	}
	return w.file.Choose(name)
}

// folder returns the folder of recordings, or "" for those that are shipped.
func (w *workspace) folder(dir string) string {
	switch {
	case dir != "":
		return w.p.path(dir)
	case w.own:
		return w.beside(w.file.Recordings)
	default:
		return ""
	}
}

// recordings loads the recordings of the workspace, or those in dir.
func (w *workspace) recordings(dir string) ([]*recordings.Flow, error) {
	fsys, show := recordings.Shipped(), "the shipped recordings"
	load := func() ([]*recordings.Flow, error) { return backend.ShippedFlows(nil) }
	if folder := w.folder(dir); folder != "" {
		fsys, show = os.DirFS(folder), cmp.Or(dir, folder)
		load = func() ([]*recordings.Flow, error) { return record.Load(folder, w.p.say) }
	}
	if info, err := fs.Stat(fsys, "."); err != nil || !info.IsDir() {
		hint := "name it in flowtest.yaml below recordings, or run live with --target"
		if dir != "" {
			hint = "DIR is a folder of recordings, as in flowtest serve recordings; without it those are served that " +
				"flowtest.yaml names, or else the shipped ones"
		}
		return nil, usage(fmt.Errorf("recordings: folder %s does not exist", show), hint)
	}
	flows, err := load()
	if err != nil {
		return nil, usage(inFolder(show, w.own || dir != "", err), "flowtest check reads all recordings and features; "+
			".github/docs/recordings.md describes the format")
	}
	if len(flows) == 0 {
		return nil, fmt.Errorf("recordings: folder %s has no %s below it", show, recordings.FileName)
	}
	return flows, nil
}

// inFolder puts the folder in front of each line of an error.
func inFolder(folder string, onDisk bool, err error) error {
	if !onDisk {
		return err
	}
	folder = filepath.ToSlash(filepath.Clean(folder))
	var lines []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		at := strings.TrimSuffix(folder, "/") + "/" + line
		if why, itself := strings.CutPrefix(line, ".:"); itself {
			at = folder + ":" + why
		}
		lines = append(lines, at)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// pathLine is PATH:LINE; more lines may follow.
var pathLine = regexp.MustCompile(`^(.+?)((?::\d+)+)$`)

// sources turns the arguments of run into sources; without any it is the
// features of the workspace.
func (w *workspace) sources(args []string) ([]runner.Source, error) {
	switch {
	case !w.own && len(args) == 0:
		w.passedOver = ownFeature(w.p)
		return []runner.Source{{FS: features.Shipped(), Path: ".", Show: "features"}}, nil
	case !w.own:
		w.where = "no flowtest.yaml here: running with the shipped recordings"
	case len(args) == 0:
		args = []string{w.beside(w.file.Features)}
	}
	var out []runner.Source
	for _, arg := range args {
		src, err := w.source(arg)
		if err != nil {
			return nil, err
		}
		out = append(out, src)
	}
	return out, nil
}

func (w *workspace) source(arg string) (runner.Source, error) {
	name, lines := arg, []int(nil)
	if m := pathLine.FindStringSubmatch(arg); m != nil {
		name = m[1]
		for text := range strings.SplitSeq(m[2][1:], ":") {
			n, err := strconv.Atoi(text)
			if err != nil {
				return runner.Source{}, fmt.Errorf("%s: line %s is too large", arg, text)
			}
			lines = append(lines, n)
		}
	}
	path := w.p.path(name)
	info, err := os.Stat(path)
	show := filepath.ToSlash(filepath.Clean(name))
	switch {
	case err == nil && info.IsDir() && lines != nil:
		return runner.Source{}, fmt.Errorf("%s is a folder, and a line belongs to a file", name)
	case err == nil && filepath.IsLocal(name): // what a feature names may be in another folder of this one
		return runner.Source{FS: os.DirFS(w.p.path(".")), Path: show, Show: show, Lines: lines}, nil
	case err == nil && info.IsDir() && filepath.Ext(path) != ".feature": // the loader refuses a folder of such a name
		return runner.Source{FS: os.DirFS(path), Path: ".", Show: show}, nil
	case err == nil:
		return runner.Source{
			FS: os.DirFS(filepath.Dir(path)), Path: filepath.Base(path), Show: show, Lines: lines,
		}, nil
	}
	// What flowtest ships may be named as it is printed.
	if inside, ok := strings.CutPrefix(show, shippedFeatures+"/"); ok && !w.own {
		if _, err := fs.Stat(features.Shipped(), inside); err == nil {
			return runner.Source{FS: features.Shipped(), Path: inside, Show: show, Lines: lines}, nil
		}
	}
	return runner.Source{}, usage(fmt.Errorf("%s does not exist, want a feature file or a folder of them", name),
		"a scenario is chosen with FILE:LINE")
}

// replayTarget returns the replay target with that name; without a name it is
// the default one, or where that is live the demo target.
func (w *workspace) replayTarget(name string) (*target.Target, error) {
	t, err := w.target(name)
	switch {
	case err == nil && t.Live == nil, err != nil && name != "":
		return t, err
	case name != "":
		return nil, usage(fmt.Errorf("the target %q is live, and serve replays", name), "name a target of type replay")
	default:
		return target.Builtin().Choose("")
	}
}

// liveTarget returns the target, which has to be live.
func (w *workspace) liveTarget(name, command string) (*target.Target, error) {
	t, err := w.target(name)
	if err != nil {
		return nil, err
	}
	if t.Live == nil {
		flag := "--target"
		if strings.HasSuffix(command, "--against") {
			flag = "--against"
		}
		return nil, usage(fmt.Errorf("%s needs a live target, and %q replays", command, t.Name),
			"name one of type live with "+flag)
	}
	return t, nil
}
