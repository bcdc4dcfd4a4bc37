package safefile

import "io"

// Disk and File are what is done to the file system, for tests that fail a step of it.
type (
	Disk = disk
	File = file
	OS   = osDisk
)

// ReplaceOn, CreateOn and WritableOn are [Replace], [Create] and [Writable] on a disk of the test's own.
func ReplaceOn(d Disk, name string, fill func(io.Writer) error) error {
	return write(d, name, true, nil, fill)
}

var (
	CreateOn   = create
	WritableOn = writable
)
