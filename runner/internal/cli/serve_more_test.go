package cli_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/cli"
)

// ask gets a URL as the SDK does.
func ask(t *testing.T, client *http.Client, url string) (status int, body gjson.Result) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	req.Header.Set("X-Requested-With", "ping-sdk")
	resp, err := client.Do(req)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode, gjson.ParseBytes(text)
}

func TestServeOverTLS(t *testing.T) {
	t.Parallel()
	s := serve(t, "--tls")
	require.True(t, strings.HasPrefix(s.out[0], "the CA's certificate is in "), s.out[0])
	file := strings.TrimSuffix(strings.TrimPrefix(s.out[0], "the CA's certificate is in "), " until it ends")
	ca, err := os.ReadFile(file)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(ca))
	assert.NotContains(t, string(ca), "PRIVATE KEY")
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
	}}
	address := s.url(t, "sign-on")
	assert.True(t, strings.HasPrefix(address, "https://127.0.0.1:"), address)
	status, body := ask(t, client, address)
	assert.Equal(t, http.StatusOK, status)
	assert.True(t, strings.HasPrefix(body.Get("_links.next.href").String(), "https://127.0.0.1:"))
	assert.Equal(t, cli.ExitPassed, s.stop())
	assert.NoFileExists(t, file, "it goes with the server")
}

// copyOf writes a shipped recording to disk.
func copyOf(t *testing.T, name, dir string) {
	t.Helper()
	sub, err := fs.Sub(recordings.Shipped(), name)
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(dir, name), sub))
}

func TestServeLoadsChangedRecordings(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyOf(t, "sign-on", dir)
	s := serve(t, dir, "--watch")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	address := s.url(t, "sign-on")
	name := func() string {
		_, body := ask(t, client, address)
		return body.Get("form.name").String()
	}
	require.Equal(t, "Sign On Form", name())

	file := filepath.Join(dir, "sign-on", "sign-on-form.json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	edited := strings.Replace(string(text), "Sign On Form", "Another Form", 1)
	require.NoError(t, os.WriteFile(file, []byte(edited), 0o600))
	require.Eventually(t, func() bool { return name() == "Another Form" }, time.Minute, 20*time.Millisecond)

	// What cannot be read does not take the place of what can.
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	require.Eventually(t, func() bool { return strings.Contains(s.talk.String(), "stay in use until this is fixed") },
		time.Minute, 20*time.Millisecond)
	assert.Equal(t, "Another Form", name())
	assert.Equal(t, cli.ExitPassed, s.stop())
}

func TestServeCannotWatchWhatIsShipped(t *testing.T) {
	t.Parallel()
	const wrong = "flowtest: error: serve: --watch has nothing to watch: without a flowtest.yaml or DIR " +
		"it replays the shipped recordings, which are part of the program\n"
	clone := t.TempDir()
	copyOf(t, "sign-on", filepath.Join(clone, "recordings"))
	other := t.TempDir()
	write(t, other, map[string]string{"recordings/notes.txt": "of something else"})
	for name, row := range map[string]struct{ dir, want string }{
		"in a folder that has nothing": {t.TempDir(), "flowtest serve DIR --watch replays and watches the recordings in DIR; " +
			"flowtest init writes some to start from"},
		"in a folder of something else":   {other, "flowtest serve DIR --watch replays and watches the recordings in DIR; flowtest init writes some to start from"},
		"in a folder that has recordings": {clone, "flowtest serve recordings --watch replays and watches those in ./recordings"},
	} {
		t.Run(name, func(t *testing.T) {
			got := command(t.Context(), row.dir, nil, "serve", "--watch", "--listen", "127.0.0.1:0")
			assert.Equal(t, said{cli.ExitUsage, "", wrong + "flowtest: hint: " + row.want + "\n"}, got)
		})
	}
}

func TestServeSaysWhereItsRecordingsAreFrom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyOf(t, "sign-on", dir)
	for name, row := range map[string]struct {
		args []string
		want string
	}{
		"what is shipped":       {nil, "the shipped ones, part of the program; flowtest serve DIR replays those of a folder"},
		"a folder":              {[]string{dir}, dir + ", as they are now; --watch loads changes"},
		"a folder that changes": {[]string{dir, "--watch"}, dir + ", watched: changes are loaded when they are saved"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, row.args...)
			assert.Equal(t, "  recordings     "+row.want, s.out[1])
			assert.Equal(t, cli.ExitPassed, s.stop())
		})
	}
}

// A sign-on that began before the recordings changed goes on as it began.
func TestServeDropsNoRunningSignOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	copyOf(t, "sign-on", dir)
	s := serve(t, dir, "--watch")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	_, first := ask(t, client, s.url(t, "sign-on"))
	file := filepath.Join(dir, "sign-on", "recording.yaml")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), "TROUBLE", "HELP")), 0o600))
	require.Eventually(t, func() bool { return strings.Contains(s.talk.String(), "loaded the changes in sign-on\n") },
		time.Minute, 20*time.Millisecond)

	press := `{"id":"x","eventName":"continue","parameters":{"eventType":"action","data":{"actionKey":"TROUBLE"}}}`
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost,
		first.Get("_links.next.href").String(), strings.NewReader(press))
	require.NoError(t, err)
	req.Header.Set("X-Requested-With", "ping-sdk")
	req.Header.Set("interactionId", first.Get("interactionId").String())
	req.Header.Set("interactionToken", first.Get("interactionToken").String())
	resp, err := client.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, cli.ExitPassed, s.stop())
}

// A team's own environment id is in every address and answer, in any case of its letters.
func TestServeOfAnEnvironmentOfOnesOwn(t *testing.T) {
	t.Parallel()
	const id = "1a1a1a1a-2222-4333-8444-5555555555ef"
	s := serve(t, "--environment-id", id)
	at := s.url(t, "sign-on")
	require.Contains(t, at, "/"+id+"/as/authorize")
	for _, written := range []string{id, strings.ToUpper(id)} {
		status, screen := ask(t, http.DefaultClient, strings.Replace(at, id, written, 1))
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, id, screen.Get("companyId").String())
		assert.Contains(t, screen.Get("_links.next.href").String(), "/"+id+"/davinci/")
	}
	status, _ := ask(t, http.DefaultClient, strings.Replace(at, id, mockserver.DefaultEnvironment, 1))
	assert.Equal(t, http.StatusNotFound, status, "the usual one is another environment")
	assert.Equal(t, cli.ExitPassed, s.stop())
}
