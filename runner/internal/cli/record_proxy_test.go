package cli_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/cli"
)

// An app signs on as apps do that are no SDK.
type app struct {
	client *http.Client
	at     string // the authorize endpoint
}

func newApp(at string) *app {
	return &app{&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, at}
}

// start starts a flow by its policy and returns the screen.
func (a *app) start(t *testing.T, policy string) string {
	t.Helper()
	return request(t, a.client, http.MethodGet, a.at+"?response_mode=pi.flow&response_type=code&client_id=app&scope=openid"+
		"&redirect_uri=https://app.example.com/callback&acr_values="+policy, "", nil)
}

// next answers a screen and returns what came back.
func (a *app) next(t *testing.T, screen, action, event string, values map[string]string) string {
	t.Helper()
	header := http.Header{
		"Interactionid": {gjson.Get(screen, "interactionId").String()}, "Interactiontoken": {gjson.Get(screen, "interactionToken").String()},
		"Content-Type": {"application/json"},
	}
	return request(t, a.client, http.MethodPost, gjson.Get(screen, "_links.next.href").String(),
		`{"id":`+gjson.Get(screen, "id").Raw+`,"parameters":{"eventType":"`+event+`","data":{"actionKey":"`+action+`","formData":`+
			inYAML(t, values)+`}}}`, header)
}

// signOn goes through the sign-on flow.
func (a *app) signOn(t *testing.T) {
	t.Helper()
	end := a.next(t, a.start(t, policies(t)["sign-on"]), "SIGNON", "submit", map[string]string{"username": ann["username"], "password": ann["password"]})
	require.Equal(t, "COMPLETED", gjson.Get(end, "status").String(), end)
}

func TestRecordProxySavesWhatIsComplete(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	b := l.record(t)
	a := newApp(b.address(t, "authorize"))
	assert.Contains(t, b.out.String(), "; Ctrl-C saves\n")
	a.signOn(t)
	a.signOn(t)
	a.next(t, a.start(t, policies(t)["sign-on"]), "TROUBLE", "action", nil) // and there it ends
	a.start(t, policies(t)["registration"])
	got := b.stop()
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Regexp(t, `\nrecorded registration: 1 hop of 1 journey, 1 new, 0 changed, in \S+\nrecorded sign-on: 3 hops of 3 journeys, 3 new, 0 changed, in \S+\n$`, got.out)
	assert.Contains(t, got.errors, "flowtest: stopping\n")
	all := files(t, filepath.Join(l.dir, "recordings"))
	for name := range all {
		assert.Regexp(t, `^(sign-on|registration)/`, name, "no lock and nothing half done is left")
	}
	assert.Empty(t, secretsIn(all, ann))

	// A later session joins what is there.
	b = l.record(t)
	a = newApp(b.address(t, "authorize"))
	a.next(t, a.start(t, policies(t)["sign-on"]), "REGISTER", "action", nil)
	got = b.stop()
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, "recorded sign-on: 4 hops of 1 journey, 1 new, 0 changed, in ")
}

// An app may push the parameters first, and then name them.
func TestRecordProxyOfAPushedRequest(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	b := l.record(t)
	a := newApp(b.address(t, "authorize"))
	pushed := request(t, a.client, http.MethodPost, strings.TrimSuffix(a.at, "authorize")+"par",
		"response_mode=pi.flow&response_type=code&client_id=app&scope=openid&redirect_uri=https://app.example.com/callback&acr_values="+
			policies(t)["sign-on"], http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	uri := gjson.Get(pushed, "request_uri").String()
	require.NotEmpty(t, uri, pushed)
	screen := request(t, a.client, http.MethodGet, a.at+"?client_id=app&request_uri="+url.QueryEscape(uri), "", nil)
	a.next(t, screen, "TROUBLE", "action", nil)
	got := b.stop()
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, "recorded sign-on: 2 hops of 1 journey, 2 new, 0 changed, in ")
	for name, text := range files(t, filepath.Join(l.dir, "recordings")) {
		assert.NotContains(t, text, uri, name)
	}
}

func TestRecordProxyTwice(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	first := l.record(t, "--flow", "sign-on")
	second := l.record(t)
	got := second.stop()
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Empty(t, got.out)
	assert.Regexp(t, `^flowtest: error: recordings: another flowtest is recording \S+sign-on and holds \S+: wait until it has ended\n$`, got.errors)

	other := l.record(t, "--flow", "mfa")
	newApp(first.address(t, "authorize")).signOn(t)
	newApp(other.address(t, "authorize")).start(t, policies(t)["mfa"])
	for _, b := range []*background{first, other} {
		got := b.stop()
		assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	}
	assert.FileExists(t, filepath.Join(l.dir, "recordings/sign-on/recording.yaml"))
	assert.FileExists(t, filepath.Join(l.dir, "recordings/mfa/recording.yaml"))
}

func TestRecordProxyOverTLS(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	b := l.record(t, "--tls")
	at := b.address(t, "authorize")
	require.True(t, strings.HasPrefix(at, "https://127.0.0.1:"), at)
	ca := regexp.MustCompile(`the CA's certificate is in (\S+)`).FindStringSubmatch(b.out.String())
	require.NotNil(t, ca, b.out)
	text, err := os.ReadFile(ca[1])
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	a := newApp(at)
	a.client.Transport = &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	a.signOn(t)
	got := b.stop()
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, "recorded sign-on: 2 hops")
	assert.NoFileExists(t, ca[1])
}

// An app that knows the proxy by another name of the machine stays on that name.
func TestRecordProxyByAnotherName(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	b := l.record(t)
	at := strings.Replace(b.address(t, "authorize"), "127.0.0.1", "localhost", 1)
	a := newApp(at)
	a.client.Transport = &http.Transport{DisableKeepAlives: true, DialContext: b.dial(t)}
	screen := a.start(t, policies(t)["sign-on"])
	host := strings.Split(at, "/")[2]
	assert.True(t, strings.HasPrefix(gjson.Get(screen, "_links.next.href").String(), "http://"+host+"/"), screen)
	a.signOn(t)
	got := b.stop()
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	text := files(t, filepath.Join(l.dir, "recordings"))
	assert.NotContains(t, strings.Join(texts(text), ""), "localhost")
}

func TestRecordProxyBeforeALiveSideThatIsDown(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	closed, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	l := newLive(t, "")
	text, err := os.ReadFile(filepath.Join(l.dir, "flowtest.yaml"))
	require.NoError(t, err)
	up := strings.TrimPrefix(strings.Split(l.base, "/0")[0], "https://")
	write(t, l.dir, map[string]string{"flowtest.yaml": strings.ReplaceAll(string(text), up, closed.Addr().String())})
	b := l.record(t)
	at := b.address(t, "authorize")
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at+"?response_mode=pi.flow", nil)
		require.NoError(t, err)
		resp, err := newApp(at).client.Do(r)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, http.StatusBadGateway, resp.StatusCode)
		assert.Equal(t, "flowtest proxy: the live side could not be reached", gjson.GetBytes(body, "message").String())
	}
	got := b.stop()
	assert.Equal(t, cli.ExitNothing, got.code)
	assert.Contains(t, got.errors, "flowtest: 2 requests of the app could not be passed on\nflowtest: error: no journey of a flow was seen\n")
	assert.NotContains(t, files(t, l.dir), "recordings/sign-on/recording.yaml")
}

// The live side dies in the middle of a journey: what came before is saved.
func TestRecordProxyBeforeALiveSideThatDies(t *testing.T) {
	t.Parallel()
	flows, err := recordings.LoadAll(recordings.Shipped(), "sign-on")
	require.NoError(t, err)
	mock, err := mockserver.New(mockserver.Config{Flows: flows, Users: map[string]map[string]string{"ann": ann}})
	require.NoError(t, err)
	var dead atomic.Bool
	dir, _ := overTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if dead.Load() {
			panic(http.ErrAbortHandler)
		}
		mock.ServeHTTP(w, r)
	}), "")
	text, err := os.ReadFile(filepath.Join(dir, "flowtest.yaml"))
	require.NoError(t, err)
	write(t, dir, map[string]string{"flowtest.yaml": strings.Replace(string(text), "sign-on: policy", "sign-on: "+flows[0].Policy, 1)})
	b := inBackground(t, dir, nil, "authorize http", "record", "--proxy", "--target", "staging", "--listen", "127.0.0.1:0")
	a := newApp(b.address(t, "authorize"))
	screen := a.start(t, flows[0].Policy)
	screen = a.next(t, screen, "TROUBLE", "action", nil)
	dead.Store(true)
	refused := a.next(t, screen, "CANCEL", "action", nil)
	assert.Equal(t, "flowtest proxy: the live side broke off before it had answered", gjson.Get(refused, "message").String(), refused)
	dead.Store(false)
	a.start(t, flows[0].Policy)
	got := b.stop()
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, "recorded sign-on: 2 hops of 2 journeys, 2 new, 0 changed, in ")
	assert.Contains(t, got.errors, "flowtest: 1 request of the app could not be passed on\n")
}

func TestRecordProxyThatSawNothing(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	b := l.record(t)
	at := strings.TrimSuffix(b.address(t, "authorize"), "/as/authorize")
	request(t, newApp("").client, http.MethodGet, at+"/as/.well-known/openid-configuration", "", nil)
	got := b.stop()
	assert.Equal(t, cli.ExitNothing, got.code)
	public := b.address(t, "through")
	assert.Equal(t, "flowtest: stopping\nflowtest: error: no journey of a flow was seen\n"+
		"flowtest: hint: the app has to send its requests to "+public+", with response_mode=pi.flow\n", got.errors)
	for name := range files(t, l.dir) {
		assert.NotContains(t, name, "lock")
	}
}

// A journey of a flow that the target does not know is reported as soon as it
// starts, and the others are saved.
func TestRecordProxyOfAnUnknownFlow(t *testing.T) {
	t.Parallel()
	l := newLive(t, "")
	text, err := os.ReadFile(filepath.Join(l.dir, "flowtest.yaml"))
	require.NoError(t, err)
	mfa := policies(t)["mfa"]
	write(t, l.dir, map[string]string{"flowtest.yaml": strings.Replace(string(text), "      mfa: "+mfa+"\n", "", 1)})
	b := l.record(t)
	a := newApp(b.address(t, "authorize"))
	a.signOn(t)
	a.start(t, mfa)
	const flows = "errors, forms, magic-link, passkey, password-reset, platforms, registration, session, sign-on, social, sso, step-up"
	said := `a journey names the flow policy "` + mfa + `", and the target "staging" has ` + flows + ": say which flow it is with --flow\n"
	assert.Equal(t, "flowtest: 1: GET …/authorize → 200\nflowtest: 2: POST …/customHTMLTemplate → 200\n"+
		"flowtest: 3: GET …/authorize → 200\nflowtest: warning: "+said, b.errors.String())
	a.start(t, mfa)
	assert.Equal(t, 1, strings.Count(b.errors.String(), said), "once is enough")
	got := b.stop()
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.True(t, strings.HasSuffix(got.errors, "flowtest: error: "+said), got.errors)
	assert.Contains(t, got.out, "recorded sign-on: 2 hops of 1 journey")

	b = l.record(t, "--flow", "mfa", "--out", "other")
	a = newApp(b.address(t, "authorize"))
	a.start(t, mfa)
	got = b.stop()
	assert.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, got.out, "recorded mfa: 1 hop of 1 journey")
}

func TestRecordProxyRefuses(t *testing.T) {
	t.Parallel()
	var config net.ListenConfig
	busy, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = busy.Close() })
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"a port in use": {[]string{"--listen", busy.Addr().String()}, "error: record: " + busy.Addr().String() + " is in use by another program\n" +
			"flowtest: hint: choose another port with --listen 127.0.0.1:PORT; port 0 takes any that is free\n"},
		"no address": {[]string{"--listen", "8920"}, "error: record: --listen \"8920\" is not an address: address 8920: missing port in address\n" +
			"flowtest: hint: --listen takes HOST:PORT, as in 127.0.0.1:8920\n"},
		"features": {[]string{"features"}, "error: record --proxy records what an app sends: it takes no features, --tags or --name\n" +
			"flowtest: hint: flowtest record --proxy --target staging is the whole command\n"},
		"tags": {[]string{"--tags", "@smoke"}, "error: record --proxy records what an app sends: it takes no features, --tags or --name\n" +
			"flowtest: hint: flowtest record --proxy --target staging is the whole command\n"},
		"a replay": {[]string{"--target", "replay"}, "error: record --proxy needs a live target, and \"replay\" replays\n" +
			"flowtest: hint: name one of type live with --target\n"},
		"a name of two lines": {[]string{"--flow", "a\nb"}, "error: record: the flow \"a\\nb\" cannot be recorded, want a name of one line\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, env := importing(t, "", policies(t)["sign-on"], "")
			got := command(t.Context(), dir, env, append([]string{"record", "--proxy"}, test.args...)...)
			assert.Equal(t, cli.ExitUsage, got.code)
			assert.Equal(t, "flowtest: "+test.want, got.errors)
			assert.Empty(t, got.out)
			for file := range files(t, dir) {
				assert.NotContains(t, file, "lock")
			}
		})
	}
}
