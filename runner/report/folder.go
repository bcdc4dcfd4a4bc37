package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The files of a report folder.
const (
	MessagesFile = "messages.ndjson"
	JUnitFile    = "junit.xml"
	JSONFile     = "report.json"
	SummaryFile  = "summary.md"
	HTMLFile     = "report.html"
)

var fileNames = []string{MessagesFile, JUnitFile, JSONFile, SummaryFile, HTMLFile}

// filePerm lets others read a report, where the umask does: a CI server often
// is another user than the job.
const filePerm = 0o644

// A Folder is a reporter that writes every file of a report. Its messages.ndjson
// grows as scenarios finish, so that a run that is killed still reports; the
// others are drafted beside it, and stand there when the run has ended.
type Folder struct {
	dir      string
	root     *os.Root
	file     *os.File
	messages *Messages
	drafts   *drafts
	err      error
}

// NewFolder makes the folder where it is not there: the error says, before
// anything ran, that it cannot be written. What an earlier run left there stays
// until a run begins.
func NewFolder(dir string) (*Folder, error) {
	root, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	if err := writable(root); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("report: the folder %s cannot be written: %w", dir, err)
	}
	return &Folder{dir: dir, root: root}, nil
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

// writable reports why the files of a report cannot be written. It changes none.
func writable(root *os.Root) error {
	probe, err := newAside(root, MessagesFile)
	if err != nil {
		return err
	}
	probe.drop()
	for _, name := range fileNames {
		file, err := root.OpenFile(name, os.O_WRONLY, filePerm)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		_ = file.Close()
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
		return fmt.Errorf("report: %s: %w", filepath.Join(f.dir, MessagesFile), err)
	}
	return nil
}

// Begin implements [Reporter]. The files of an earlier run are removed.
func (f *Folder) Begin(p Plan) {
	f.messages = NewMessages(io.Discard)
	f.err = f.open()
	f.messages.Begin(p)
	if f.err == nil {
		p.Began = f.messages.began
		f.drafts.Begin(p)
	}
}

func (f *Folder) open() (err error) {
	for _, name := range fileNames {
		if err := f.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return f.failed(err)
		}
	}
	if f.file, err = f.root.OpenFile(MessagesFile, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, filePerm); err != nil {
		return f.failed(err)
	}
	if f.drafts, err = newDrafts(f.root); err != nil {
		return f.failed(err)
	}
	f.messages = NewMessages(f.file)
	return nil
}

func (f *Folder) failed(err error) error {
	return fmt.Errorf("report: the folder %s cannot be written: %w", f.dir, err)
}

// Scenario implements [Reporter].
func (f *Folder) Scenario(s *Scenario) {
	f.messages.Scenario(s)
	if f.drafts != nil {
		f.drafts.Scenario(s)
	}
}

// End implements [Reporter].
func (f *Folder) End(run *Run) {
	defer func() { _ = f.root.Close() }()
	f.messages.End(run)
	if f.file != nil {
		if err := f.file.Close(); err != nil && f.err == nil {
			f.err = f.failed(err)
		}
	}
	if f.drafts == nil {
		return
	}
	defer f.drafts.drop()
	if f.Err() != nil {
		return
	}
	f.drafts.End(run)
	if err := f.drafts.keep(); err != nil {
		f.err = f.failed(err)
	}
}
