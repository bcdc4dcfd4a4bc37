package store

// Disk is what saving does to the file system, for tests that fail a step of it.
type Disk = disk

// OS is the file system itself.
type OS = osDisk

// CreateOn is [Create] on a disk of the test's own.
func CreateOn(dir string, d Disk) (*Writer, error) { return create(dir, d) }

// Beside names what saving makes beside a folder.
var Beside = beside
