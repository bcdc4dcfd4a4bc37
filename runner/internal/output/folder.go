// Package output writes what a run reports, in every format: on a terminal, as
// annotations of a CI server, and as the files of a report folder. It knows no
// target and sends nothing.
package output

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"flowtest/runner/internal/output/page"
	"flowtest/runner/internal/output/stream"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/report"
)

// The files of a report folder.
const (
	MessagesFile = "messages.ndjson"
	JUnitFile    = "junit.xml"
	JSONFile     = "report.json"
	SummaryFile  = "summary.md"
	HTMLFile     = "report.html"
	CoverageFile = "coverage.json" // of a run that asks for its coverage
)

// lockName is the file by which two runs know of each other that write into one
// folder. It is there while a run writes.
const lockName = ".flowtest.lock"

var fileNames = []string{MessagesFile, JUnitFile, JSONFile, SummaryFile, HTMLFile, CoverageFile}

// A Coverage says how much of a flow a run went through. It is asked when the run has ended.
type Coverage interface {
	HTML(w io.Writer) error // a section of report.html, below the id coverage
	Markdown(w io.Writer) error
	JSON(w io.Writer) error
}

// CoveragePage writes a coverage as a page of its own, as report.html has it.
func CoveragePage(w io.Writer, title string, c Coverage) error { return page.Section(w, title, c.HTML) }

// filePerm lets others read a report, where the umask does: a CI server often
// is another user than the job.
const filePerm = 0o644

// A Folder is a reporter that writes every file of a report. Its messages.ndjson
// grows as scenarios finish, so that a run that is killed still reports; the
// others are drafted beside it, and get their names when the run has ended.
type Folder struct {
	// Env looks up the environment, which says whether a CI server runs flowtest. Optional.
	Env func(string) (string, bool)

	// Whole drafts messages.ndjson too, and leaves what an earlier run wrote until all
	// files get their names. Optional.
	Whole bool

	// Coverage is written into the files. Optional.
	Coverage Coverage

	dir       string
	root      root
	lock      *safefile.Lock
	file      *os.File
	messages  *stream.Writer
	documents *documents
	err       error
}

// A root is what is done to a report folder; it is an [os.Root], or one that fails in a test.
type root interface {
	OpenFile(name string, flag int, perm os.FileMode) (*os.File, error)
	Rename(from, to string) error
	Remove(name string) error
	Stat(name string) (os.FileInfo, error)
	Close() error
}

// NewFolder makes the folder if it is not there, and takes its lock before it looks at anything
// in it: the error says, before anything ran, that another run writes there or that the folder
// cannot be written. What an earlier run left there stays until a run begins. End gives the lock
// back, and Close if no run came to its end.
func NewFolder(dir string) (*Folder, error) {
	root, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	return newFolder(dir, root)
}

func newFolder(dir string, root root) (*Folder, error) {
	f := &Folder{dir: dir, root: root}
	var err error
	if f.lock, err = lockFolder(dir); err == nil {
		err = f.failed(writable(root))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// Left says that the run before was killed while it wrote there, and "" otherwise. What
// it left is removed.
func (f *Folder) Left() string {
	if f.lock == nil || !f.lock.Left() {
		return ""
	}
	return "report: the run that wrote into " + f.dir + " before was killed: what it left there is replaced"
}

// Close drops the drafts and gives the folder back where End did not. A nil Folder is none.
func (f *Folder) Close() {
	if f == nil || f.lock == nil && f.file == nil {
		return
	}
	if f.file != nil {
		_ = f.file.Close()
		_ = f.root.Remove(partName(MessagesFile))
	}
	if f.documents != nil {
		f.documents.drop()
	}
	f.file, f.documents = nil, nil
	f.lock.Release()
	f.lock = nil
	_ = f.root.Close()
}

func openFolder(dir string) (root, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as filePerm
		return nil, fmt.Errorf("report: the folder %s cannot be made: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("report: the folder %s cannot be opened: %w", dir, err)
	}
	return root, nil
}

// lockFolder takes the folder's lock. The error says that another run has it.
func lockFolder(dir string) (*safefile.Lock, error) {
	lock, err := safefile.Acquire(filepath.Join(dir, lockName))
	switch {
	case errors.Is(err, safefile.ErrLocked):
		return nil, fmt.Errorf("report: another run writes its report into %s: wait until it has ended, or choose "+
			"another folder", dir)
	case err != nil:
		return nil, fmt.Errorf("report: %w", err)
	}
	return lock, nil
}

// writable reports why the files of a report cannot be written. It changes none.
func writable(root root) error {
	probe, err := openNew(root, partName(fileNames[0]))
	if err != nil {
		return err
	}
	_ = probe.Close()
	for _, name := range fileNames {
		for _, beside := range []string{partName(name), bodyName(name)} {
			if err := removed(root, beside); err != nil {
				return err
			}
		}
		if err := writableFile(root, name); err != nil {
			return err
		}
	}
	return nil
}

// writableFile reports why a file of an earlier report cannot be written.
func writableFile(root root, name string) error {
	info, err := root.Stat(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil && !info.Mode().IsRegular() { // to open a pipe would wait for its reader
		err = fmt.Errorf("%s is not a file", name)
	}
	if err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY, filePerm)
	if err != nil {
		return err
	}
	return file.Close()
}

// openNew opens a file of its own: what had its name is removed.
func openNew(root root, name string) (*os.File, error) {
	if err := removed(root, name); err != nil {
		return nil, err
	}
	return root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, filePerm)
}

// removed removes a file that may be there.
func removed(root root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// Err returns what went wrong while the files were written.
func (f *Folder) Err() error {
	if f.err != nil {
		return f.err
	}
	if f.messages == nil {
		return nil // no run began
	}
	if err := f.messages.Err(); err != nil {
		if at, ok := errors.AsType[*os.PathError](err); ok { // its path is a draft's
			err = at.Err
		}
		return fmt.Errorf("report: %s: %w", filepath.Join(f.dir, MessagesFile), err)
	}
	return nil
}

// Begin implements [Reporter]. The files of an earlier run are removed.
func (f *Folder) Begin(p report.Plan) {
	if p.Began.IsZero() {
		p.Began = time.Now()
	}
	f.messages = stream.NewWriter(io.Discard)
	f.err = f.open()
	f.messages.Begin(p)
	if f.err == nil {
		f.documents.Begin(p)
	}
}

func (f *Folder) open() (err error) {
	if f.Whole {
		f.file, err = openNew(f.root, partName(MessagesFile))
	} else {
		for _, name := range fileNames {
			if err := f.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
				return f.failed(err)
			}
		}
		f.file, err = f.root.OpenFile(MessagesFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, filePerm)
	}
	if err != nil {
		return f.failed(err)
	}
	if f.documents, err = newDocuments(f.root); err != nil {
		return f.failed(err)
	}
	f.messages = stream.NewWriter(f.file)
	f.messages.CI = stream.CIOf(f.Env)
	return nil
}

func (f *Folder) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("report: the folder %s cannot be written: %w", f.dir, err)
}

// Scenario implements [Reporter].
func (f *Folder) Scenario(s *report.Scenario) {
	f.messages.Scenario(s)
	if f.documents != nil {
		f.documents.Scenario(s)
	}
}

// End implements [Reporter].
func (f *Folder) End(run *report.Run) {
	defer f.Close()
	f.messages.End(run)
	if f.file == nil || f.documents == nil || f.Err() != nil {
		return
	}
	f.documents.coverage = f.Coverage
	f.documents.End(run)
	err := f.documents.keep()
	if closed := f.file.Close(); err == nil {
		err = closed
	}
	if err == nil && f.Whole {
		err = f.root.Rename(partName(MessagesFile), MessagesFile)
	}
	f.err = f.failed(err)
}
