package target

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The settings that a flowtest.yaml need not give.
const (
	defaultTarget     = "replay"
	defaultFeatures   = "features"
	defaultRecordings = "recordings"
)

// File is what a flowtest.yaml says. [Load] and [Builtin] make one; the zero
// value is of no use. It does not change and may be shared between goroutines.
type File struct {
	// Dir is the folder of the file inside the file system it was read from,
	// with slashes; "." is that file system's top. Features and Recordings are
	// beside the file, so they are relative to it.
	Dir string

	// Default is the target of a run that names none: what the file says, else
	// its only target, else "replay". Empty where there are several targets and
	// none of these.
	Default string

	// Features is the folder of the feature files. It is never empty.
	Features string

	// Recordings is the folder of the recordings. It is never empty.
	Recordings string

	// Scrub says what recordings may hold.
	Scrub Scrub

	said *said
}

// said is the part of a File that is not looked at before a target is chosen. It
// is kept behind a pointer, where printing a File does not reach the users.
type said struct {
	name    string // the file's, as errors begin with it; "" for Builtin
	fsys    fs.FS
	lookup  func(string) (string, bool)
	targets map[string]*declared
}

// Load reads a flowtest.yaml and checks everything that needs no environment.
//
//	fsys    the file system that holds the file and what lies beside it
//	name    the file in it, slash-separated, as errors are to call it
//	lookup  the environment, as os.LookupEnv gives it; nil is an empty one
//
// An empty file is not an error; it says what [Builtin] says. References in
// targets wait for [File.Choose]; those in target, features and recordings are
// resolved here.
//
// The error is an *[Error] with a line for every mistake, or wraps what kept
// the file from being read, for which a caller may test [fs.ErrNotExist].
func Load(fsys fs.FS, name string, lookup func(string) (string, bool)) (*File, error) {
	data, err := read(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	if lookup == nil {
		lookup = empty
	}
	f := Builtin()
	f.Dir = path.Dir(name)
	f.said.name, f.said.fsys, f.said.lookup = name, fsys, lookup
	m := &mistakes{file: name}
	if root := parse(data, m); root != nil {
		f.readInto(root, m)
	}
	if err := m.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// Builtin is what holds where there is no flowtest.yaml: one replay target,
// "replay", with the users of [Demo]. It has no environment, so a caller that
// wants FLOWTEST_TARGET heeded passes its value to [File.Choose].
func Builtin() *File {
	return &File{
		Dir: ".", Default: defaultTarget, Features: defaultFeatures, Recordings: defaultRecordings,
		said: &said{lookup: empty, targets: map[string]*declared{
			defaultTarget: {name: defaultTarget, kind: typeReplay},
		}},
	}
}

// Names returns the names of the targets, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.said.targets)) }

// readInto takes over what the file says.
func (f *File) readInto(root ast.Node, m *mistakes) {
	r := reader{m}
	entries, _ := r.entries("", root)
	var chosen setting
	for _, e := range entries {
		switch e.key {
		case "target":
			if s, text := r.resolved(e, f.said.lookup); text != "" {
				chosen, f.Default = s, text
			}
		case "features":
			_, f.Features = r.resolved(e, f.said.lookup)
		case "recordings":
			_, f.Recordings = r.resolved(e, f.said.lookup)
		case "scrub":
			f.readScrub(r, e)
		case "targets":
			f.readTargets(r, e.value)
		default:
			r.unknown("", e, fileKeys)
		}
	}
	for _, d := range f.said.targets {
		d.check(m)
	}
	f.settleDefault(chosen, m)
}

// resolved reads one of the settings that stand beside targets. It returns ""
// where the setting is wrong.
func (r reader) resolved(e entry, lookup func(string) (string, bool)) (setting, string) {
	s, ok := r.text(e.key, e.value)
	if !ok {
		return s, ""
	}
	text, ok := s.expand(lookup, r.m)
	if ok && text == "" {
		r.m.add(s.at, "%s is empty, want a name: give it a value or remove the key", e.key)
	}
	return s, text
}

func (f *File) readTargets(r reader, n ast.Node) {
	entries, ok := r.entries("targets", n)
	if ok && len(entries) == 0 {
		return // the built-in target stands
	}
	f.said.targets = map[string]*declared{}
	for _, e := range entries {
		f.said.targets[e.key] = r.target(e)
	}
}

// settleDefault finds the target of a run that names none.
func (f *File) settleDefault(chosen setting, m *mistakes) {
	names := f.Names()
	_, exists := f.said.targets[f.Default]
	switch {
	case exists || len(names) == 0:
		// With no target at all, targets itself is wrong and has been noted.
	case chosen.path != "":
		m.add(chosen.at, "target %q is not defined, want one of %s%s",
			chosen.raw, strings.Join(names, ", "), orMeant(chosen.raw, names))
	case len(names) == 1:
		f.Default = names[0]
	default:
		f.Default = ""
	}
}

// read reads the file as far as it may be long, and one byte more.
func read(fsys fs.FS, name string) (data []byte, err error) {
	file, err := fsys.Open(name)
	if err == nil {
		defer file.Close() //nolint:errcheck // it was only read
		data, err = io.ReadAll(io.LimitReader(file, maxBytes+1))
	}
	return data, bare(err)
}

// bare takes operation and path off an error, where the message has its own.
func bare(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}

func empty(string) (string, bool) { return "", false }
