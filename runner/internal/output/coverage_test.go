package output_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/output"
)

// A covered says the same of every format.
type covered struct {
	text string
	err  error
}

func (c covered) write(w io.Writer) error {
	_, err := io.WriteString(w, c.text)
	return errors.Join(err, c.err)
}

func (c covered) HTML(w io.Writer) error     { return c.write(w) }
func (c covered) Markdown(w io.Writer) error { return c.write(w) }
func (c covered) JSON(w io.Writer) error     { return c.write(w) }

// The coverage is in three files of a report, and a run without one leaves none of an earlier
// run after.
func TestCoverageInAReport(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(c output.Coverage) error {
		f, err := output.NewFolder(dir)
		require.NoError(t, err)
		f.Coverage = c
		sampleRun().tell(f)
		return f.Err()
	}
	require.NoError(t, write(covered{text: "<p>half\xff \x1b[2J</p>"}))
	page := readAll(t, dir, "report.html")
	assert.Contains(t, page, "<p>half\uFFFD \u241b[2J</p>", "the page is UTF-8 without control characters")
	assert.Contains(t, page, `<a href="#coverage">Coverage</a>`)
	assert.Contains(t, readAll(t, dir, "summary.md"), "\n## Coverage\n\n<p>half")
	assert.True(t, strings.HasPrefix(readAll(t, dir, "coverage.json"), "<p>half"))

	require.NoError(t, write(nil))
	assert.NotContains(t, readAll(t, dir, "report.html"), "#coverage")
	assert.NoFileExists(t, filepath.Join(dir, "coverage.json"))

	require.ErrorIs(t, write(covered{err: os.ErrPermission}), os.ErrPermission)
}
