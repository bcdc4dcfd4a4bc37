package cli_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

// A said is what a command said and how it ended.
type said struct {
	code        int
	out, errors string
}

// goesOn is what is said of a run in which nothing was printed for seconds. A busy machine
// makes any run that slow.
var goesOn = regexp.MustCompile(`(?m)^flowtest: (reading features and recordings|\d+ of \d+ done.*)\n`)

// command runs the program in a folder.
func command(ctx context.Context, dir string, env map[string]string, args ...string) said {
	var out, talk strings.Builder
	code := cli.Main(ctx, cli.Process{
		Args: args, Stdout: &out, Stderr: &talk, Dir: dir,
		Env: func(name string) (string, bool) {
			v, ok := env[name]
			return v, ok
		},
	})
	return said{code, out.String(), goesOn.ReplaceAllString(talk.String(), "")}
}

// write puts files into a folder.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
}

// overTLS starts a server and writes a folder with a live target for it. The
// server's certificate is its own CA.
func overTLS(t *testing.T, h http.Handler, more string) (dir, base string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	dir = t.TempDir()
	write(t, dir, map[string]string{
		"ca.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})),
		"flowtest.yaml": fmt.Sprintf("targets:\n  staging:\n    type: live\n    baseUrl: %s/as\n    clientId: the-app\n"+
			"    redirectUri: https://app.example.test/callback\n    ca: ca.pem\n    flows: {sign-on: policy}\n%s", s.URL, more),
	})
	return dir, s.URL
}
