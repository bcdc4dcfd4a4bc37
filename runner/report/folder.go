package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// The files of a report folder.
const (
	MessagesFile = "messages.ndjson"
	JUnitFile    = "junit.xml"
	JSONFile     = "report.json"
	SummaryFile  = "summary.md"
	HTMLFile     = "report.html"
)

// filePerm lets others read a report, where the umask does: a CI server often
// is another user than the job.
const filePerm = 0o644

// mostKept is how many bytes of evidence a folder keeps in memory, so that the
// reports of a run of common size are written without reading it again.
const mostKept = 16 << 20

// A Folder is a reporter that writes every file of a report. Its messages.ndjson
// grows as scenarios finish, so that a run that is killed still reports; the
// others are derived from it when the run ends, written aside and renamed.
type Folder struct {
	dir      string
	root     *os.Root
	file     *os.File
	messages *Messages
	tally    *tally
	plan     Plan
	kept     []*Scenario
	size     int // of kept; negative where it became too much
	err      error
}

// NewFolder makes the folder where it is not there, and begins its
// messages.ndjson: the error says, before anything ran, that it cannot be
// written. Reports that an earlier run left there are removed.
func NewFolder(dir string) (*Folder, error) {
	root, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{JUnitFile, JSONFile, SummaryFile, HTMLFile} {
		if err := root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			_ = root.Close()
			return nil, fmt.Errorf("report: the folder %s cannot be written: %w", dir, err)
		}
	}
	file, err := root.OpenFile(MessagesFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, filePerm)
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("report: the folder %s cannot be written: %w", dir, err)
	}
	return &Folder{dir: dir, root: root, file: file, messages: NewMessages(file), tally: newTally()}, nil
}

func openFolder(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as filePerm
		return nil, fmt.Errorf("report: the folder %s cannot be made: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("report: the folder %s cannot be opened: %w", dir, err)
	}
	return root, nil
}

// Err returns what went wrong while the files were written.
func (f *Folder) Err() error {
	if f.err != nil {
		return f.err
	}
	if err := f.messages.Err(); err != nil {
		return fmt.Errorf("report: %s: %w", filepath.Join(f.dir, MessagesFile), err)
	}
	return nil
}

// Begin implements [Reporter].
func (f *Folder) Begin(p Plan) {
	f.plan = p
	f.messages.Begin(p)
	f.plan.Began = f.messages.began
	f.tally.Begin(f.plan)
}

// Scenario implements [Reporter].
func (f *Folder) Scenario(s *Scenario) {
	f.messages.Scenario(s)
	f.tally.Scenario(s)
	if f.size < 0 {
		return
	}
	f.size += sizeOf(s)
	f.kept = append(f.kept, s)
	if f.size > mostKept {
		f.size, f.kept = -1, nil
	}
}

// sizeOf says about how many bytes a scenario holds.
func sizeOf(s *Scenario) int {
	n := 1000 + 200*len(s.Steps)
	for i := range s.Hops {
		n += 500
		if e := s.Hops[i].Evidence; e != nil {
			n += 2000 + len(e.RequestBody) + len(e.Body) + 100*len(e.Findings)
			if e.Screen != nil {
				n += len(e.Screen.HTML) + 200*len(e.Screen.Fields)
			}
		}
	}
	return n
}

// End implements [Reporter].
func (f *Folder) End(run *Run) {
	defer func() { _ = f.root.Close() }()
	f.messages.End(run)
	if err := f.file.Close(); err != nil && f.err == nil {
		f.err = fmt.Errorf("report: %w", err)
	}
	if f.Err() != nil {
		return
	}
	known := *run
	known.Plan = f.plan
	f.tally.End(&known)
	f.err = derive(f.root, f.tally, func(to Reporter) error {
		if f.size < 0 {
			return readBack(f.root, MessagesFile, to)
		}
		to.Begin(f.plan)
		for _, s := range f.kept {
			to.Scenario(s)
		}
		to.End(&known)
		return nil
	})
	if f.err != nil {
		f.err = fmt.Errorf("report: the folder %s: %w", f.dir, f.err)
	}
	f.kept = nil
}

func readBack(root *os.Root, name string, to Reporter) error {
	file, err := root.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, _, err = Read(file, to)
	return err
}

// derive writes the files that are made of a stream.
func derive(root *os.Root, t *tally, feed func(Reporter) error) error {
	makers := map[string]func(io.Writer) Reporter{
		JUnitFile:   func(w io.Writer) Reporter { return newJUnit(w, t) },
		JSONFile:    func(w io.Writer) Reporter { return newJSONFile(w, t) },
		SummaryFile: NewSummary,
		HTMLFile:    func(w io.Writer) Reporter { return newHTML(w, t) },
	}
	var all many
	var files []*aside
	defer func() {
		for _, a := range files {
			a.drop()
		}
	}()
	for _, name := range sortedKeys(makers) {
		a, err := newAside(root, name)
		if err != nil {
			return err
		}
		files = append(files, a)
		all = append(all, makers[name](a))
	}
	if err := feed(all); err != nil {
		return err
	}
	if err := all.Err(); err != nil {
		return err
	}
	for _, a := range files {
		if err := a.keep(); err != nil {
			return err
		}
	}
	return nil
}

// An aside is a file that is written beside its place and then renamed, so that
// its name never stands for half of it.
type aside struct {
	*bufio.Writer

	root *os.Root
	file *os.File
	name string
}

func newAside(root *os.Root, name string) (*aside, error) {
	file, err := root.OpenFile(partName(name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, filePerm)
	if err != nil {
		return nil, err
	}
	return &aside{bufio.NewWriterSize(file, 64<<10), root, file, name}, nil
}

func partName(name string) string { return name + ".part" }

// keep gives the file its name.
func (a *aside) keep() error {
	err := a.Flush()
	if closed := a.file.Close(); err == nil {
		err = closed
	}
	a.file = nil
	if err == nil {
		err = a.root.Rename(partName(a.name), a.name)
	}
	if err != nil {
		_ = a.root.Remove(partName(a.name))
	}
	return err
}

// drop removes what was not kept.
func (a *aside) drop() {
	if a.file != nil {
		_ = a.file.Close()
		_ = a.root.Remove(partName(a.name))
		a.file = nil
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
