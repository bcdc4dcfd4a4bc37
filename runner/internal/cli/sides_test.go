package cli_test

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/local"
)

// pairedAlice is the user, whose codes change each second: none is used twice live.
func pairedAlice() map[string]string {
	alice := target.Demo()["alice"]
	alice["totp"] = secretsOfAlice["totp"]
	alice["passwordState"] = "PASSWORD_EXPIRED" // for the sentence that only looks
	return alice
}

// pairedReplay is the flowtest.yaml of the replay.
var pairedReplay = func() string {
	var b strings.Builder
	b.WriteString("targets:\n  replay:\n    type: replay\n    users:\n      alice:\n")
	for name, value := range pairedAlice() {
		fmt.Fprintf(&b, "        %s: %q\n", name, value)
	}
	return b.String()
}()

// servedPairs runs serve --tls and returns a live target for it, of an app without a secret.
func servedPairs(t *testing.T) *target.Target {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"flowtest.yaml": pairedReplay})
	copyRecordings(t, dir)
	require.NoError(t, os.CopyFS(filepath.Join(dir, "recordings"), sdkConnector))
	sms := freeAddress(t)
	s := serve(t, "--tls", "--config", filepath.Join(dir, "flowtest.yaml"), "--tenant", "--sms", "http://"+sms+"/")
	t.Cleanup(func() { assert.Equal(t, cli.ExitPassed, s.stop()) })
	ca := regexp.MustCompile(`the CA's certificate is in (\S+)`).FindStringSubmatch(strings.Join(s.out, "\n"))
	require.NotNil(t, ca)
	certificates, err := os.ReadFile(ca[1])
	require.NoError(t, err)
	return pairedLive(t, strings.TrimSuffix(s.url(t, "discovery"), "/.well-known/openid-configuration"), certificates,
		"    discovery: true\n", sms)
}

// confidentialPairs starts a live side that answers an app only where it sends its secret in
// that way, and returns the target for it.
func confidentialPairs(t *testing.T, flows []*recordings.Flow, auth, app string) *target.Target {
	t.Helper()
	beside, users := &local.Tenant{}, map[string]map[string]string{"alice": pairedAlice()}
	mock, err := mockserver.New(mockserver.Config{Flows: flows, Users: users, Observe: beside.Observe})
	require.NoError(t, err)
	var both http.Handler
	up := startTLS(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch last := path.Base(r.URL.Path); {
		case fake.IsToken(r):
		case last == "token", last == "introspect", last == "revoke":
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			form, err := url.ParseQuery(string(body))
			assert.NoError(t, err)
			id, secret, inHeader := r.BasicAuth() // each encoded as in a form: RFC 6749, section 2.3.1
			secret, err = url.QueryUnescape(secret)
			assert.NoError(t, err)
			if auth == "post" {
				id, secret = form.Get("client_id"), form.Get("client_secret")
			}
			if inHeader != (auth == "basic") || form.Has("client_secret") != (auth == "post") || id != "the-app" || secret != secretOfTheApp {
				http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		both.ServeHTTP(w, r)
	}))
	sms := freeAddress(t)
	both = beside.Open(local.Config{
		Tenant: fake.Config{
			Base: up.URL, Environment: mockserver.DefaultEnvironment, RedirectURI: "https://app.example.com/callback",
			Population: "flowtest", Period: 1, Policies: policies(t),
		},
		Flows: flows, Users: users, SMS: "http://" + sms, To: http.DefaultTransport,
	}, mock, mock)
	return pairedLive(t, up.URL+"/"+mockserver.DefaultEnvironment+"/as",
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: up.Certificate().Raw}), app, sms)
}

// pairedLive is a live target. It has the name of the replay, so that both say the same.
func pairedLive(t *testing.T, base string, ca []byte, app, sms string) *target.Target {
	t.Helper()
	root, _, _ := strings.Cut(strings.TrimPrefix(base, "https://"), "/")
	root = "https://" + root
	var b strings.Builder
	fmt.Fprintf(&b, "targets:\n  replay:\n    type: live\n    baseUrl: %s\n    ca: ca.pem\n    clientId: the-app\n"+
		"    worker: {clientId: %s, clientSecret: \"${WORKER}\", apiUrl: \"%s/v1\"}\n    population: flowtest\n"+
		"    mail: {type: mailpit, url: \"%s%s\"}\n    sms: {listen: \"%s\"}\n"+
		"    redirectUri: https://app.example.com/callback\n%s    flows:\n", base, fake.WorkerID, root, root, local.MailPath, sms, app)
	for name, policy := range policies(t) {
		fmt.Fprintf(&b, "      %s: %s\n", name, policy)
	}
	b.WriteString("      connector: 7c6b5a49382716f5e4d3c2b10f9e8d7c\n      redirect: 8c6b5a49382716f5e4d3c2b10f9e8d7c\n    users:\n      alice:\n")
	env := map[string]string{"APP": secretOfTheApp, "WORKER": fake.WorkerSecret}
	for name, value := range pairedAlice() {
		env["ALICE_"+name] = value
		fmt.Fprintf(&b, "        %s: ${ALICE_%s}\n", name, name)
	}
	f, err := target.Load(fstest.MapFS{"flowtest.yaml": {Data: []byte(b.String())}, "ca.pem": {Data: ca}}, "flowtest.yaml",
		func(name string) (string, bool) { v, ok := env[name]; return v, ok })
	require.NoError(t, err)
	live, err := f.Choose("")
	require.NoError(t, err)
	return live
}
