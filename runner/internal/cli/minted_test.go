package cli_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/features"
	"flowtest/recordings"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
	"flowtest/steps/davinci"
)

// An eavesdropper is between a run and a replay that plays the service. It notes every
// secret that goes through, and the answers repeat those of their request.
type eavesdropper struct {
	http.Handler

	mu      sync.Mutex
	secrets map[string]string // what each is
	asked   atomic.Int64
	quiet   atomic.Bool // it repeats nothing: what is recorded differs from journey to journey by that
	after   func(asked int64)
	public  string // the features: what is there is no secret
}

func newEavesdropper(t *testing.T, of string) *eavesdropper {
	t.Helper()
	to, err := url.Parse(of)
	require.NoError(t, err)
	e := &eavesdropper{secrets: map[string]string{}}
	e.Handler = &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host },
		ErrorLog: log.New(io.Discard, "", 0),
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		},
	}
	return e
}

// note keeps a secret and returns it.
func (e *eavesdropper) note(what, value string) string {
	if value != "" {
		e.mu.Lock()
		e.secrets[value] = what
		e.mu.Unlock()
	}
	return value
}

// typed are the fields into which secrets are typed.
var typed = []string{"password", "user.password", "newPassword", "currentPassword", "otp", "code"}

// sent notes the secrets of a request.
func (e *eavesdropper) sent(r *http.Request, body []byte) (out []string) {
	note := func(what, value string) { out = append(out, e.note(what, value)) }
	note("interactionToken", r.Header.Get("interactionToken"))
	if _, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok {
		note("Authorization", value)
	}
	if form, err := url.ParseQuery(string(body)); err == nil && path.Base(path.Dir(r.URL.Path)) == "as" {
		for _, name := range []string{"code", "code_verifier", "refresh_token", "token", "client_secret"} {
			note(name, form.Get(name))
		}
	}
	davinci.ReadSent(gjson.ParseBytes(body)).FormData.ForEach(func(key, value gjson.Result) bool {
		if slices.Contains(typed, key.Str) {
			note("the field "+key.Str, value.String())
		}
		for _, v := range davinci.PasskeySecrets(value) {
			note("the passkey in "+key.Str, v)
		}
		return true
	})
	return slices.DeleteFunc(out, func(s string) bool { return s == "" })
}

// came notes the secrets of an answer.
func (e *eavesdropper) came(header http.Header, body []byte) {
	for _, name := range []string{
		"interactionToken", "authorizeResponse.code", "authorizeResponse.access_token", "authorizeResponse.id_token", "session.id",
		"sessionToken", "access_token", "id_token", "refresh_token",
	} {
		e.note(name, gjson.GetBytes(body, name).String())
	}
	for _, c := range (&http.Response{Header: header}).Cookies() {
		if c.Name != "interactionId" {
			e.note("the cookie "+c.Name, c.Value)
		}
	}
}

// ServeHTTP implements [http.Handler].
func (e *eavesdropper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	secrets := e.sent(r, body)
	answer := httptest.NewRecorder()
	e.Handler.ServeHTTP(answer, r)
	text := answer.Body.Bytes()
	e.came(answer.Result().Header, text)
	if top := gjson.ParseBytes(text); top.IsObject() && len(secrets) > 0 && !e.quiet.Load() && !top.Get("keys").Exists() {
		var said []string
		for _, s := range secrets {
			said = append(said, s, inJSON(s, true), encodings["base64"](s))
		}
		echo, err := json.Marshal(struct {
			Echo []string `json:"echo"`
			Text string   `json:"text"`
		}{said, "you sent <i>" + strings.Join(said, "</i>, ") + "."})
		if err != nil {
			panic(err) // strings can be written
		}
		text = append([]byte(strings.TrimSuffix(strings.TrimSpace(string(text)), "}")+","), echo[1:]...)
	}
	maps.Copy(w.Header(), answer.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(text)
	if n := e.asked.Add(1); e.after != nil {
		e.after(n)
	}
}

// longSecret is how long a secret is that is hidden within words too.
const longSecret = 8

// clientData begins what a client signs for a passkey. It is made of the prompt alone, and
// export makes the same.
var clientData = encodings["base64-url"](`{"type":"webauthn.`)

// madeUpCode is a code as an export of a recording makes it up: one that a person got may be equal to it.
var madeUpCode = regexp.MustCompile(`^7300[0-9]{2}$`)

// shows looks for the secrets in texts. A short one counts where it is a whole value.
func (e *eavesdropper) shows(t *testing.T, texts map[string]string) {
	t.Helper()
	var pairs []string // of all secrets at once: there are thousands
	e.mu.Lock()        // what a stopped run has asked may still be answered
	secrets := maps.Clone(e.secrets)
	e.mu.Unlock()
	for value, what := range secrets {
		switch {
		case strings.Contains(e.public, value), strings.HasPrefix(value, clientData), madeUpCode.MatchString(value):
		case len(value) < longSecret:
			quoted := strconv.Quote(value)
			pairs = append(pairs, quoted, "<"+what+">", inJSON(quoted, true), "<"+what+">", html.EscapeString(quoted), "<"+what+">")
		default:
			pairs = append(pairs, value, "<"+what+">", url.QueryEscape(value), "<"+what+">")
		}
	}
	find := strings.NewReplacer(pairs...)
	for where, text := range texts {
		for _, text := range []string{text, legible(text)} {
			got := find.Replace(text)
			if got == text {
				continue
			}
			at := 0
			for got[at] == text[at] {
				at++
			}
			assert.Fail(t, "it shows a secret", "%s: …%s…", where, got[max(0, at-150):min(len(got), at+80)])
		}
	}
}

// ofShipped writes a folder with shipped features, of which some scenarios look at the
// whole of their last answer and fail, and a live target that is the eavesdropper.
func ofShipped(t *testing.T, e *eavesdropper) (dir string, env map[string]string) {
	t.Helper()
	env = map[string]string{}
	var users strings.Builder
	users.WriteString("    clientAuth: post\n    clientSecret: ${CLIENT}\n    users:\n      alice:\n")
	for _, name := range slices.Sorted(maps.Keys(target.Demo()["alice"])) {
		variable := "ALICE_" + strings.ToUpper(name)
		env[variable] = target.Demo()["alice"][name]
		fmt.Fprintf(&users, "        %s: ${%s}\n", name, variable)
	}
	env["CLIENT"] = "the-secret-of-the-client"
	dir, _ = overTLS(t, e, users.String())
	flows, err := recordings.LoadAll(recordings.Shipped(), ".")
	require.NoError(t, err)
	var list []string
	for _, f := range flows {
		list = append(list, f.Name+": "+f.Policy)
	}
	config, err := os.ReadFile(filepath.Join(dir, "flowtest.yaml"))
	require.NoError(t, err)
	text := strings.Replace(string(config), "sign-on: policy", strings.Join(list, ", "), 1)
	text += "recordings: out/recordings\n"
	text = strings.Replace(text, "/as\n", "/0f10e7e5-7000-4000-8000-000000000001/as\n", 1)
	write(t, dir, map[string]string{"flowtest.yaml": text})
	require.NoError(t, os.Mkdir(filepath.Join(dir, "out"), 0o700))
	schemas, err := fs.Sub(features.Shipped(), "schemas")
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "schemas"), schemas)) // beside features, as they name them
	for _, name := range []string{"passkey/passkey", "tokens/tokens", "mfa/mfa", "registration/registration"} {
		text, err := fs.ReadFile(features.Shipped(), name+".feature")
		require.NoError(t, err)
		e.public += string(text)
		const completes = "    Then the flow completes\n"
		parts := strings.Split(string(text), completes)
		for i := 0; i+1 < len(parts); i++ {
			if parts[i] += completes; i%3 == 0 {
				parts[i] += "    And \"@this\" is \"x\"\n"
			}
		}
		write(t, dir, map[string]string{"features/" + path.Base(name) + ".feature": strings.Join(parts, "")})
	}
	write(t, dir, map[string]string{"features/more.feature": tokensShown})
	return dir, env
}

// tokensShown fails with what the service says about a token.
const tokensShown = `Feature: What the service says of a token
  Scenario: The user info
    Given the user "alice"
    And the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    When I exchange the code for tokens
    And I ask for the user info
    Then the user info has:
      | text | x |
`

// insecurely asks for a page without a look at the certificate.
func insecurely(t *testing.T, at string) string {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	return request(t, c, http.MethodGet, at, "", nil)
}

// What flowtest makes for a person, passwords, one-time codes and their secrets, passkeys,
// and what a service hands out, tokens and codes, is in nothing that it prints or writes,
// and in nothing that a replay logs or shows.
func TestNoGeneratedSecretIsInAnyOutput(t *testing.T) {
	if testing.Short() {
		t.Skip("its runs are those of other tests: the race detector has nothing to find in what they print")
	}
	t.Parallel()
	s := serve(t, "--tls", "--inspect")
	e := newEavesdropper(t, s.url(t, "sign-on"))
	dir, env := ofShipped(t, e)
	texts := map[string]string{}
	run := func(args ...string) said {
		got := command(t.Context(), dir, env, args...)
		require.NotEqual(t, cli.ExitUsage, got.code, got.errors)
		name := strings.Join(args, " ")
		texts["stdout of "+name], texts["stderr of "+name] = got.out, got.errors
		return got
	}
	got := run(append([]string{"run", "--target", "staging", "--rate", "10000", "--format", "github"}, everything...)...)
	require.Contains(t, got.out+got.errors, "::error file=", "annotations")
	e.quiet.Store(true)
	run("record", "--target", "staging", "--rate", "10000", "--out", "out/recordings")
	run("export", "--har", "--out", "out/all.har")
	maps.Copy(texts, written(t, dir))
	require.Contains(t, texts, "/out/all.har")
	require.Contains(t, texts, "/out/recordings/passkey/recording.yaml")
	require.Contains(t, texts, "/out/m.json")
	for _, page := range []string{"", "inspect.json"} {
		texts["the inspect page "+page] = insecurely(t, s.url(t, "the requests are shown at")+page)
	}
	require.Zero(t, s.stop())
	texts["the log of serve"] = s.talk.String()
	for _, what := range []string{"the field otp", "access_token", "refresh_token", "code_verifier", "the field user.password", "client_secret"} {
		assert.Contains(t, slices.Collect(maps.Values(e.secrets)), what)
	}
	assert.Greater(t, len(e.secrets), 100)
	e.shows(t, texts)
}

// Nor is it in the report of a run that a signal stops in the middle.
func TestNoGeneratedSecretIsInTheReportOfAStoppedRun(t *testing.T) {
	if testing.Short() {
		t.Skip("as the run that is not stopped")
	}
	t.Parallel()
	s := serve(t, "--tls")
	e := newEavesdropper(t, s.url(t, "sign-on"))
	dir, env := ofShipped(t, e)
	signals := make(chan os.Signal, 2)
	e.after = func(asked int64) {
		if asked == 40 {
			signals <- syscall.SIGINT
		}
	}
	var out, talk strings.Builder
	code := cli.Main(context.Background(), cli.Process{
		Args: []string{"run", "--target", "staging", "--rate", "10000", "--report", "out/report", "--repeat", "5"}, Stdout: &out, Stderr: &talk,
		Dir: dir, Signals: signals, Env: func(name string) (string, bool) {
			v, ok := env[name]
			return v, ok
		},
	})
	require.Equal(t, cli.ExitFailed, code, talk.String())
	texts := written(t, dir)
	texts["stdout"], texts["stderr"] = out.String(), talk.String()
	assert.Contains(t, texts["/out/report/summary.md"], "stopped before its end")
	e.shows(t, texts)
}
