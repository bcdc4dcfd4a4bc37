package runner

import (
	"bytes"
	"hash/maphash"
	"io/fs"
)

// An origin is where a feature file was read, and a sum of what was in it.
type origin struct {
	fsys fs.FS
	path string
	sum  uint64
}

var sumSeed = maphash.MakeSeed()

func sumOf(text []byte) uint64 { return maphash.Bytes(sumSeed, text) }

// text returns a feature file as its author wrote it, by the name that reports
// show. It returns "" if the file has changed since it was read: its lines are
// others then.
func (l *loader) text(file string) string {
	at, ok := l.origins[file]
	if !ok {
		return ""
	}
	text, err := fs.ReadFile(at.fsys, at.path)
	if err != nil || sumOf(text) != at.sum {
		return ""
	}
	return string(bytes.TrimPrefix(text, []byte("\ufeff")))
}
