package output

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"flowtest/runner/internal/output/stream"
	"flowtest/runner/report"
)

// Rendered says what [Render] made of its inputs.
type Rendered struct {
	Run  *report.Run
	Lost []stream.Lost // in the order of the inputs
}

// Render writes the files of a report folder again, from the messages.ndjson of
// one folder or of the shards of one run. A folder may be rendered into itself,
// and then its messages.ndjson stays as it is; a merge needs another folder.
//
// The error is a *[MergeError] where the folders are not of one run. What is
// lost of a stream is no error.
func Render(dir string, from ...string) (*Rendered, error) {
	root, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	defer unlockFolder(lock)
	var inputs []stream.Input
	itself := false
	for _, folder := range from {
		name := filepath.Join(folder, MessagesFile)
		file, err := os.Open(name) //nolint:gosec // the user names the folder
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		defer func() { _ = file.Close() }()
		inputs = append(inputs, stream.Input{Name: name, R: file})
		itself = itself || sameFile(file, filepath.Join(dir, MessagesFile))
	}
	if itself && len(from) > 1 {
		return nil, fmt.Errorf("report: %s is one of the shards: choose a folder of its own for the merge", dir)
	}
	if itself {
		return renderItself(root, inputs[0])
	}
	return renderMerged(root, inputs)
}

func sameFile(file *os.File, name string) bool {
	a, err := file.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(name)
	return err == nil && os.SameFile(a, b)
}

func renderItself(root *os.Root, in stream.Input) (*Rendered, error) {
	d, err := newDrafts(root)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	defer d.drop()
	run, lost, err := stream.Read(in.R, d)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	if err := d.keep(); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return &Rendered{run, []stream.Lost{lost}}, nil
}

func renderMerged(root *os.Root, inputs []stream.Input) (*Rendered, error) {
	out, err := newAside(root, MessagesFile)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	defer out.drop()
	d, err := newDrafts(root)
	if err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	defer d.drop()
	m := stream.NewWriter(out)
	run, lost, err := stream.Merge(report.Many(m, d), inputs...)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(m.Err(), out.Flush()); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	if err := errors.Join(d.keep(), out.keep()); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return &Rendered{run, lost}, nil
}
