package target

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
	"flowtest/runner/internal/safefile"
	"flowtest/steps/secret"
	"flowtest/steps/words"
)

// The settings that a flowtest.yaml need not give.
const (
	defaultTarget     = "replay"
	defaultFeatures   = "features"
	defaultRecordings = "recordings"
)

// What a flowtest.yaml may measure. Five levels are all that the settings need.
const (
	maxCA       = 1 << 20 // a file of certificates
	maxBytes    = 64 << 10
	maxBrackets = 50
)

// File is what a flowtest.yaml says. [Load] and [Builtin] make one; the zero
// value is of no use. It does not change and may be shared between goroutines.
type File struct {
	// Default is the target of a run that names none: what the file says, else its only target,
	// else "replay". Empty if there are several targets and none of these.
	Default string

	// Features is the folder of the feature files, beside the file. It is never empty.
	Features string

	// Recordings is the folder of the recordings, beside the file. It is never empty.
	Recordings string

	// Allow lets strings be recorded that look like secrets and are none: by the
	// place of a response, as the error names it that refuses a string, what the
	// string has to match there. Nil is anything.
	Allow map[string]*regexp.Regexp

	// Run is what a run does where its flags say nothing else.
	Run Run

	said *said
}

// said is the part of a File that is not looked at before a target is chosen. It
// is kept behind a pointer, where printing a File does not reach the users.
type said struct {
	name    string // the file's, as errors begin with it; "" for Builtin
	fsys    fs.FS
	dir     string // of the file in fsys
	lookup  func(string) (string, bool)
	targets map[string]*declared
	secrets []secret.Value // of scrub
	domain  string         // of unique
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
// The error has a line for every mistake, or wraps what kept the file from being
// read, for which a caller may test [fs.ErrNotExist]. It never holds a value that
// came from the environment, nor any secret: a setting is quoted as the file has
// it. Mistakes that no line of the file is to blame for, such as a variable, come
// last.
func Load(fsys fs.FS, name string, lookup func(string) (string, bool)) (*File, error) {
	data, err := safefile.ReadFS(fsys, name, maxBytes)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, bare(err))
	}
	if lookup == nil {
		lookup = empty
	}
	f := Builtin()
	f.said.name, f.said.fsys, f.said.dir, f.said.lookup = name, fsys, path.Dir(name), lookup
	m := &strictyaml.Reader{File: name}
	if root := m.Parse(data, strictyaml.Limits{Bytes: maxBytes, Brackets: maxBrackets}); root != nil {
		f.readInto(root, m)
	}
	if err := failed(m); err != nil {
		return nil, err
	}
	return f, nil
}

// Builtin is what holds if there is no flowtest.yaml: one replay target, "replay", with the users
// of [Demo]. It has no environment, so a caller that wants FLOWTEST_TARGET to count passes its
// value to [File.Choose].
func Builtin() *File {
	return &File{
		Default: defaultTarget, Features: defaultFeatures, Recordings: defaultRecordings,
		said: &said{lookup: empty, targets: map[string]*declared{
			defaultTarget: {name: defaultTarget, kind: typeReplay},
		}},
	}
}

// Names returns the names of the targets, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.said.targets)) }

// readInto takes over what the file says.
func (f *File) readInto(root ast.Node, m *strictyaml.Reader) {
	r := reader{m}
	entries, _ := r.Entries("", root)
	var chosen setting
	for _, e := range entries {
		switch e.Key {
		case "target":
			if s, text := r.resolved(e, f.said.lookup); text != "" {
				chosen, f.Default = s, text
			}
		case "features":
			_, f.Features = r.resolved(e, f.said.lookup)
		case "recordings":
			_, f.Recordings = r.resolved(e, f.said.lookup)
		case "run":
			f.readRun(r, e)
		case "scrub":
			f.readScrub(r, e)
		case "unique":
			f.readUnique(r, e)
		case "targets":
			f.readTargets(r, e.Value)
		default:
			r.Unknown("", e, fileKeys)
		}
	}
	for _, d := range f.said.targets {
		d.check(m)
	}
	f.settleDefault(chosen, m)
}

// resolved reads one of the settings that are beside targets. It returns "" if the setting is
// wrong.
func (r reader) resolved(e strictyaml.Entry, lookup func(string) (string, bool)) (setting, string) {
	s, ok := r.text(e.Key, e.Value)
	if !ok {
		return s, ""
	}
	text, ok := s.expand(lookup, r.Reader)
	if ok && text == "" {
		r.Add(s.at, "%s is empty, want a name: give it a value or remove the key", e.Key)
	}
	return s, text
}

func (f *File) readTargets(r reader, n ast.Node) {
	entries, ok := r.Entries("targets", n)
	if ok && len(entries) == 0 {
		return // the built-in target stays
	}
	f.said.targets = map[string]*declared{}
	for _, e := range entries {
		f.said.targets[e.Key] = r.target(e)
	}
}

// settleDefault finds the target of a run that names none.
func (f *File) settleDefault(chosen setting, m *strictyaml.Reader) {
	names := f.Names()
	_, exists := f.said.targets[f.Default]
	switch {
	case exists || len(names) == 0:
		// With no target at all, targets itself is wrong and has been noted.
	case chosen.path != "":
		m.Add(chosen.at, "target %q is not defined, want one of %s%s",
			chosen.raw, strings.Join(names, ", "), words.DidYouMean(": ", chosen.raw, names))
	case len(names) == 1:
		f.Default = names[0]
	default:
		f.Default = ""
	}
}

// bare takes operation and path off an error, where the message has its own.
func bare(err error) error {
	if wrapped, ok := errors.AsType[*fs.PathError](err); ok {
		return wrapped.Err
	}
	return err
}

func empty(string) (string, bool) { return "", false }

// failed has a line for every mistake that was noted, and is nil if none was.
func failed(m *strictyaml.Reader) error {
	if m.Len() == 0 {
		return nil
	}
	return errors.New(strings.Join(m.Mistakes(), "\n"))
}

var scrubKeys = []string{"allow", "secrets"}

// scrub reads the section scrub.
func (f *File) readScrub(r reader, e strictyaml.Entry) {
	entries, _ := r.Entries(e.Key, e.Value)
	for _, e := range entries {
		switch e.Key {
		case "allow":
			f.allow(r, e)
		case "secrets":
			for _, s := range r.list("scrub.secrets", e.Value) {
				if text, ok := s.expand(f.said.lookup, r.Reader); ok && text != "" {
					f.said.secrets = append(f.said.secrets, secret.New(text))
				}
			}
		default:
			r.Unknown("scrub", e, scrubKeys)
		}
	}
}

func (f *File) allow(r reader, e strictyaml.Entry) {
	f.Allow = map[string]*regexp.Regexp{}
	for at, s := range r.texts("scrub.allow", e.Value) {
		text, literal := s.literal()
		match, err := regexp.Compile(text)
		switch {
		case !literal:
			r.Add(s.at, "%s has a reference, want a regular expression: write $${ for a plain ${", s.path)
		case err != nil:
			r.Add(s.at, "%s is %q, want a regular expression", s.path, text)
		case text == "":
			f.Allow[at] = nil
		default:
			f.Allow[at] = match
		}
	}
}
