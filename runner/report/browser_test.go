package report_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func findChromium(t *testing.T) string {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	return chromium
}

// chromiumCommand returns Chromium with a profile of its own. Every name
// resolves to nothing, so that a page which asks for anything says so in the log.
func chromiumCommand(ctx context.Context, t *testing.T, chromium string, args ...string) *exec.Cmd {
	t.Helper()
	profile, err := os.MkdirTemp("", "flowtest-chromium-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	flags := []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr", "--user-data-dir=" + profile,
	}
	cmd := exec.CommandContext(ctx, chromium, append(flags, args...)...)
	cmd.WaitDelay = 10 * time.Second
	return cmd
}

// browse opens a page and returns what Chromium printed, and what the page
// wrote to the console.
func browse(t *testing.T, chromium, url string, args ...string) (out, log string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := chromiumCommand(ctx, t, chromium, append(args, url)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	return stdout.String(), console(stderr.String())
}

// openPage opens a page and leaves it open until stop, which returns what the
// page wrote to the console.
func openPage(t *testing.T, chromium, url string) (stop func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var stderr bytes.Buffer
	cmd := chromiumCommand(ctx, t, chromium, "--remote-debugging-port=0", "--window-size=1280,1000", url)
	cmd.Stderr = &stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	require.NoError(t, cmd.Start())
	return func() string {
		cancel()
		_ = cmd.Wait() // it was ended
		return console(stderr.String())
	}
}

// console keeps what pages wrote: the rest is Chromium looking for services
// that a bare machine has not.
func console(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if strings.Contains(line, "CONSOLE") {
			b.WriteString(line)
		}
	}
	return b.String()
}
