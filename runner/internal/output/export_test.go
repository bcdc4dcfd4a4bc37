package output

import (
	"io"
	"os"

	"flowtest/runner/report"
)

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

// NewSummary returns a reporter that writes Markdown to w when the run ends.
func NewSummary(w io.Writer) report.Reporter {
	return summarize(nil, func(text string) error {
		_, err := io.WriteString(w, text)
		return err
	})
}
