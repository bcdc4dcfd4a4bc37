package output

import (
	"bufio"
	"os"
)

// An aside is a file that is written beside its place and then renamed, so that
// its name never stands for half of it.
type aside struct {
	*bufio.Writer

	root *os.Root
	file *os.File
	name string
}

func newAside(root *os.Root, name string) (*aside, error) {
	file, err := openNew(root, partName(name))
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
