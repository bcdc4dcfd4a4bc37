package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	websdk "flowtest/mockserver/testdata/sdk"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/cli"
)

// A background is a command that runs until it is stopped.
type background struct {
	cancel context.CancelFunc
	done   chan int
	out    *talk
	errors *talk
}

// inBackground starts a command in a folder and waits until it has printed a line
// that holds mark, or has ended.
func inBackground(t *testing.T, dir string, env map[string]string, mark string, args ...string) *background {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	b := &background{cancel: cancel, done: make(chan int, 1), out: &talk{}, errors: &talk{}}
	ended := make(chan struct{})
	go func() {
		code := cli.Main(ctx, cli.Process{
			Args: args, Stdout: w, Stderr: b.errors, Dir: dir,
			Env: func(name string) (string, bool) {
				v, ok := env[name]
				return v, ok
			},
		})
		_ = w.Close()
		<-ended // all that it printed is kept
		b.done <- code
	}()
	marked := make(chan struct{})
	see := sync.OnceFunc(func() { close(marked) })
	go func() {
		defer close(ended)
		defer see()
		for lines := bufio.NewScanner(r); lines.Scan(); {
			_, _ = fmt.Fprintln(b.out, lines.Text())
			if strings.Contains(lines.Text(), mark) {
				see()
			}
		}
	}()
	<-marked
	t.Cleanup(cancel)
	return b
}

// stop is Ctrl-C: it returns how the command ended.
func (b *background) stop() said {
	b.cancel()
	code := <-b.done
	return said{code, b.out.String(), b.errors.String()}
}

// address returns the URL after a word of what was printed.
func (b *background) address(t *testing.T, word string) string {
	t.Helper()
	m := regexp.MustCompile(regexp.QuoteMeta(word) + `\s+(https?://[^\s']+)`).FindStringSubmatch(b.out.String())
	require.NotNil(t, m, "%s%s", b.out, b.errors)
	return m[1]
}

// dial reaches the command under whatever name: what localhost is here is not the
// test's business.
func (b *background) dial(t *testing.T) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	u, err := url.Parse(b.address(t, "authorize"))
	require.NoError(t, err)
	return func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, u.Host)
	}
}

// ann signs on at the live side of these tests. Whatever of hers is secret has
// something to escape in every encoding.
var ann = map[string]string{
	"username": "ann." + core("username"), "password": canary("password"), "newPassword": canary("newpassword"),
	"email": core("email") + "@mail.canary.dev", "givenName": "Ann" + core("given"), "familyName": "Of" + core("family"),
	"phone": "+15557340981", "otp": "73918264",
	"totp": "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK&period=1",
}

// inYAML writes a user as flow style YAML, which JSON is too.
func inYAML(t *testing.T, user map[string]string) string {
	t.Helper()
	text, err := json.Marshal(user)
	require.NoError(t, err)
	return string(text)
}

// A liveSide is flowtest serve over TLS with ann's values, and a folder whose
// flowtest.yaml has it as the target staging, beside a replay of what is recorded.
type liveSide struct {
	*served

	dir  string
	env  map[string]string
	base string // in front of /as
}

// policies are the shipped flows by name with their policies.
func policies(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range shipped.Flows(t) {
		out[f.Name] = f.Policy
	}
	return out
}

// newLive starts a live side. More is what else flowtest.yaml says.
func newLive(t *testing.T, more string) *liveSide {
	t.Helper()
	l := &liveSide{dir: t.TempDir(), env: map[string]string{}}
	write(t, l.dir, map[string]string{
		"live/flowtest.yaml": "targets:\n  r:\n    type: replay\n    users:\n      ann: " + inYAML(t, ann) + "\n",
	})
	copyRecordings(t, filepath.Join(l.dir, "live"))
	l.served = serve(t, "--tls", "--config", filepath.Join(l.dir, "live/flowtest.yaml"))
	t.Cleanup(func() { assert.Equal(t, cli.ExitPassed, l.stop()) })
	ca := regexp.MustCompile(`the CA's certificate is in (\S+)`).FindStringSubmatch(strings.Join(l.out, "\n"))
	require.NotNil(t, ca)
	l.base = strings.TrimSuffix(l.url(t, "discovery"), "/as/.well-known/openid-configuration")

	var b strings.Builder
	fmt.Fprintf(&b, "target: staging\ntargets:\n  staging:\n    type: live\n    baseUrl: %s/as\n    ca: %s\n    clientId: app\n"+
		"    redirectUri: https://app.example.com/callback\n    flows:\n", l.base, inJSONString(t, ca[1]))
	all := policies(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "      %s: %s\n", name, all[name])
	}
	b.WriteString("    users:\n      ann:\n")
	for _, name := range slices.Sorted(maps.Keys(ann)) {
		variable := "ANN_" + strings.ToUpper(name)
		l.env[variable] = ann[name]
		fmt.Fprintf(&b, "        %s: ${%s}\n", name, variable)
	}
	b.WriteString("  replay:\n    type: replay\n" + more)
	write(t, l.dir, map[string]string{"flowtest.yaml": b.String()})
	return l
}

func sub(t *testing.T, fsys fs.FS, dir string) fs.FS {
	t.Helper()
	out, err := fs.Sub(fsys, dir)
	require.NoError(t, err)
	return out
}

func inJSONString(t *testing.T, s string) string {
	t.Helper()
	text, err := json.Marshal(s)
	require.NoError(t, err)
	return string(text)
}

// record starts record --proxy.
func (l *liveSide) record(t *testing.T, args ...string) *background {
	t.Helper()
	return inBackground(t, l.dir, l.env, "authorize http",
		append([]string{"record", "--proxy", "--target", "staging", "--listen", "127.0.0.1:0"}, args...)...)
}

// files returns the files below a folder, by their path in it.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = string(text)
		return err
	}))
	return out
}

var coreOf = regexp.MustCompile(`canary0[a-z]+0`)

// secretsIn says where values are in texts, in whatever encoding and within Base64.
func secretsIn(texts, values map[string]string) []string {
	var found, pairs []string
	for _, value := range values {
		for _, encode := range encodings {
			pairs = append(pairs, encode(value), "")
		}
		if part := coreOf.FindString(value); part != "" {
			pairs = append(pairs, part, "")
		}
	}
	// There are hundreds: most texts, which have none, are looked at once.
	find := strings.NewReplacer(pairs...)
	for _, where := range slices.Sorted(maps.Keys(texts)) {
		all := legible(where + "\n" + texts[where])
		if find.Replace(all) == all {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			for _, encoding := range slices.Sorted(maps.Keys(encodings)) {
				if at := strings.Index(all, encodings[encoding](values[name])); at >= 0 {
					found = append(found, fmt.Sprintf("%s as %s in %s: …%s", name, encoding, where, all[max(0, at-120):at]))
				}
			}
			if part := coreOf.FindString(values[name]); part != "" && strings.Contains(all, part) {
				found = append(found, fmt.Sprintf("a part of %s in %s", name, where))
			}
		}
	}
	return found
}

func TestSecretsAreFoundInEveryEncoding(t *testing.T) {
	t.Parallel()
	for encoding, encode := range encodings {
		for name, value := range ann {
			texts := map[string]string{"a": `{"x": "before ` + encode(value) + ` after"}`, "jwt": "eyJhbGciOiJub25lIn0." +
				encodings["base64-url"](`{"sub":"`+encode(value)+`"}`) + "."}
			found := secretsIn(texts, map[string]string{name: value})
			assert.Contains(t, strings.Join(found, "\n"), " in a", "%s as %s", name, encoding)
			assert.Contains(t, strings.Join(found, "\n"), " in jwt", "%s as %s", name, encoding)
			delete(texts, "jwt")
			assert.Empty(t, secretsIn(texts, map[string]string{"another": "x" + strings.ReplaceAll(value, "canary0", "canary1")}))
		}
	}
}

// A stepOfSDK is what the web SDK does next.
type stepOfSDK = websdk.Step

// A lineOfSDK is what the web SDK says after a step.
type lineOfSDK struct {
	// Seen is what has to be the same in a replay.
	Seen struct {
		Do, Status, ID, Form, Action, Poll string
		Handled                            bool
		HTTPStatus                         int
		Collectors                         []struct{ Type, Name, Error string }
		Error                              *struct{ Message string }
	}
	// Minted is what must not be kept.
	Minted struct {
		InteractionID, Code, Session string
		Tokens                       *struct{ AccessToken, IDToken string }
	}
	Thrown string
}

// readSDK reads what the web SDK said in a journey.
func readSDK(t *testing.T, texts []json.RawMessage) []lineOfSDK {
	t.Helper()
	lines := make([]lineOfSDK, len(texts))
	for i, text := range texts {
		require.NoError(t, json.Unmarshal(text, &lines[i].Seen), "%s", text)
		require.NoError(t, json.Unmarshal(text, &lines[i].Minted), "%s", text)
		require.NoError(t, json.Unmarshal(text, &lines[i]), "%s", text)
		require.Empty(t, lines[i].Thrown)
	}
	return lines
}

// driveSDK drives the web SDK, as it was published, through journeys, one after the
// other, and returns what it says by their names.
func driveSDK(t *testing.T, plans []*websdk.Plan) map[string][]lineOfSDK {
	t.Helper()
	lines := map[string][]lineOfSDK{}
	for name, texts := range websdk.Drive(t, plans...) {
		lines[name] = readSDK(t, texts)
	}
	return lines
}

// mintedIn are the values that journeys got and that must not be kept.
func mintedIn(lines []lineOfSDK) map[string]string {
	out := map[string]string{}
	for i, l := range lines {
		m := map[string]string{"interactionId": l.Minted.InteractionID, "code": l.Minted.Code, "session": l.Minted.Session}
		if l.Minted.Tokens != nil {
			m["access token"], m["id token"] = l.Minted.Tokens.AccessToken, l.Minted.Tokens.IDToken
		}
		for name, value := range m {
			if value != "" {
				out[fmt.Sprintf("%s of line %d", name, i)] = value
			}
		}
	}
	return out
}
