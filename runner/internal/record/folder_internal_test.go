package record

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Of two processes that record one flow into an empty folder, the second does not begin a second
// recording of it where the first has just written its own.
func TestARecordingThatHasJustComeIsNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := &Recorder{Dir: dir}
	own := filepath.Join(dir, "sign-on")
	assert.Equal(t, own, r.folder("sign-on"))
	require.NoError(t, os.CopyFS(own, os.DirFS("../../../recordings/sign-on")))
	assert.Equal(t, own, r.folder("sign-on"), "another process has written it")
	assert.Equal(t, own+"-2", r.folder("sign on"), "it is another flow")
}
