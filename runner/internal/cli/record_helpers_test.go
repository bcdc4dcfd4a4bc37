package cli_test

import (
	"context"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/recordings"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/local"
)

// secretsOfAlice are her values at the live side of the tests that record: none
// of them is that of the alice who signs on to a replay.
var secretsOfAlice = map[string]string{
	"username": "alice." + core("username"), "password": canary("password"), "newPassword": canary("newpassword"),
	"email": core("email") + "@mail.canary.dev", "givenName": "Al" + core("given"), "familyName": "Of" + core("family"),
	"phone": "+15557340981", "otp": "73918264",
	"totp":        "otpauth://totp/x?secret=MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK&period=1",
	"googleToken": core("googletoken"), "facebookToken": core("facebooktoken"),
}

// secretOfTheApp is the client secret.
var secretOfTheApp = canary("clientsecret")

// A stage is a live side and a folder with the shipped features, whose
// flowtest.yaml has the live side as its target.
type stage struct {
	dir string
	env map[string]string
}

// copyRecordings puts the shipped recordings below a folder, or some of them.
func copyRecordings(t *testing.T, dir string, names ...string) {
	t.Helper()
	if len(names) == 0 {
		names = slices.Collect(maps.Keys(policies(t)))
	}
	for _, name := range names {
		linked(t, filepath.Join(dir, "recordings", name), filepath.Join(shippedFolder(t, "recordings"), name))
	}
}

// newStage writes the folder. The base is in front of /as. The worker is what the target says
// of the tenant; without one, no feature is there that needs it.
func newStage(t *testing.T, base, ca, worker, more string) *stage {
	t.Helper()
	s := &stage{dir: t.TempDir(), env: map[string]string{"APP_SECRET": secretOfTheApp}}
	var of []string
	if worker == "" {
		of = []string{
			"mfa/devices.feature", "registration/verified.feature",
			"mfa/execution-log.feature", "registration/execution-log.feature", "sign-on/execution-log.feature",
		}
	}
	linked(t, filepath.Join(s.dir, "features"), shippedFolder(t, "features"), of...)
	editIn(t, s.dir, // what the features say of the alice of a replay
		edit{"features/password-reset", "password-reset.feature", `alice@example\.com`, ".*@"},
		edit{"features/forms", "devices.feature", "Alice Example", "${user.givenName} ${user.familyName}"})
	var b strings.Builder
	fmt.Fprintf(&b, "target: replay\ntargets:\n  replay:\n    type: replay\n  staging:\n    type: live\n    baseUrl: %s/as\n"+
		"    ca: %s\n    clientId: app\n    clientSecret: ${APP_SECRET}\n    redirectUri: https://app.example.com/callback\n"+
		"%s    flows:\n", base, inJSONString(t, ca), worker)
	all := policies(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "      %s: %s\n", name, all[name])
	}
	b.WriteString("    users:\n      alice:\n")
	for _, name := range slices.Sorted(maps.Keys(secretsOfAlice)) {
		variable := "ALICE_" + strings.ToUpper(name)
		s.env[variable] = secretsOfAlice[name]
		fmt.Fprintf(&b, "        %s: ${%s}\n", name, variable)
	}
	write(t, s.dir, map[string]string{"flowtest.yaml": b.String() + more})
	return s
}

// servedStage runs serve --tls --tenant as the live side.
func servedStage(t *testing.T) *stage {
	t.Helper()
	live := t.TempDir()
	write(t, live, map[string]string{
		"flowtest.yaml": "targets:\n  r:\n    type: replay\n    users:\n      alice: " + inYAML(t, secretsOfAlice) + "\n",
	})
	copyRecordings(t, live)
	up := serve(t, "--tls", "--config", filepath.Join(live, "flowtest.yaml"), "--tenant")
	t.Cleanup(func() { assert.Equal(t, cli.ExitPassed, up.stop()) })
	ca := regexp.MustCompile(`the CA's certificate is in (\S+)`).FindStringSubmatch(strings.Join(up.out, "\n"))
	require.NotNil(t, ca)
	base := strings.TrimSuffix(up.url(t, "discovery"), "/as/.well-known/openid-configuration")
	root := strings.TrimSuffix(base, "/"+mockserver.DefaultEnvironment)
	s := newStage(t, base, ca[1], fmt.Sprintf("    worker: {clientId: %s, clientSecret: \"${WORKER}\", apiUrl: \"%s/v1\"}\n"+
		"    population: flowtest\n    mail: {type: mailpit, url: \"%s%s\"}\n", fake.WorkerID, root, root, local.MailPath), "")
	s.env["WORKER"] = fake.WorkerSecret
	return s
}

// An edit changes the files of a recording as an author changes a flow.
type edit struct{ flow, file, from, to string }

// editIn makes edits below a folder of recordings.
func editIn(t *testing.T, dir string, edits ...edit) {
	t.Helper()
	for _, e := range edits {
		name := filepath.Join(dir, e.flow, e.file)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Contains(t, string(text), e.from)
		require.NoError(t, os.Remove(name)) // other tests link to it
		require.NoError(t, os.WriteFile(name, []byte(strings.Replace(string(text), e.from, e.to, 1)), 0o600))
	}
}

// editedStage has a live side whose flows were edited. What wrap returns stands in
// front of it; nil is nothing. More is what else flowtest.yaml says.
func editedStage(t *testing.T, more string, wrap func(http.Handler) http.Handler, edits ...edit) *stage {
	t.Helper()
	live, flows := t.TempDir(), slices.Clone(shipped.Flows(t))
	if len(edits) > 0 {
		var names []string
		for _, e := range edits {
			names = append(names, e.flow)
		}
		copyRecordings(t, live, slices.Compact(slices.Sorted(slices.Values(names)))...)
		editIn(t, filepath.Join(live, "recordings"), edits...)
		edited, err := recordings.LoadAll(os.DirFS(filepath.Join(live, "recordings")), ".")
		require.NoError(t, err)
		for _, f := range edited {
			flows[slices.IndexFunc(flows, func(old *recordings.Flow) bool { return old.Name == f.Name })] = f
		}
	}
	users := map[string]map[string]string{"alice": secretsOfAlice}
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: users})
	require.NoError(t, err)
	var h http.Handler = server
	if wrap != nil {
		h = wrap(h)
	}
	up := startTLS(t, h)
	ca := filepath.Join(live, "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: up.Certificate().Raw})
	require.NoError(t, os.WriteFile(ca, certificate, 0o600))
	return newStage(t, up.URL+"/"+mockserver.DefaultEnvironment, ca, "", more)
}

// run runs a command in the folder.
func (s *stage) run(t *testing.T, args ...string) said {
	t.Helper()
	return s.runIn(t.Context(), args...)
}

func (s *stage) runIn(ctx context.Context, args ...string) said {
	for _, sends := range []string{"record", "--against", "--compare", "staging"} {
		if slices.Contains(args, sends) {
			return command(ctx, s.dir, s.env, append(args, "--rate", "10000")...)
		}
	}
	return command(ctx, s.dir, s.env, args...)
}

// recorded returns the files of the folder recordings.
func (s *stage) recorded(t *testing.T) map[string]string {
	t.Helper()
	return files(t, filepath.Join(s.dir, "recordings"))
}

// own leaves out the one line of a recording that says when it was made.
func own(texts map[string]string) map[string]string {
	out := map[string]string{}
	for name, text := range texts {
		out[name] = regexp.MustCompile(`date: "[^"]*"`).ReplaceAllString(text, "date: …")
	}
	return out
}
