package output

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// lockName is the file by which two runs know of each other that want to write
// into one folder. It is there while a run writes.
const lockName = ".flowtest.lock"

// lockFolder takes the folder's lock. The error says that another run has it.
func lockFolder(dir string) (*flock.Flock, error) {
	name := filepath.Join(dir, lockName)
	for {
		l := flock.New(name)
		ok, err := l.TryLock()
		if err != nil {
			return nil, fmt.Errorf("report: lock %s: %w", name, err)
		}
		if !ok {
			return nil, fmt.Errorf("report: another run writes its report into %s: wait until it has ended, or choose "+
				"another folder", dir)
		}
		held, err := l.Stat()
		if err != nil {
			return l, nil //nolint:nilerr // the system does not say whose file it is: the lock itself holds
		}
		if named, err := os.Stat(name); err == nil && os.SameFile(held, named) {
			return l, nil
		}
		if err := l.Close(); err != nil { // whoever had it took the file away in the meantime
			return nil, fmt.Errorf("report: lock %s: %w", name, err)
		}
	}
}

// unlockFolder gives the lock back and takes its file away.
func unlockFolder(l *flock.Flock) {
	if l == nil {
		return
	}
	removed := os.Remove(l.Path())
	_ = l.Close()
	if removed != nil { // Windows keeps a file that is open: it goes now
		_ = os.Remove(l.Path())
	}
}
