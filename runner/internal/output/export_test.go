package output

import "os"

// Root is what is done to a report folder, for tests that fail a step of it.
type Root = root

// NewFolderOn is [NewFolder] on a root of the test's own, made of the folder's.
func NewFolderOn(dir string, on func(*os.Root) Root) (*Folder, error) {
	r, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return newFolder(dir, on(r))
}
