package cli_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/target"
	"flowtest/steps"
)

// secretAttributes are the names under which a user may have secrets.
var secretAttributes = []string{
	"password", "newPassword", "passphrase", "clientsecret", "otp", "pin", "apiToken", "backupCode", "mfa", "pass", "pwd",
}

// looks are assertions that fail and quote what they found.
var looks = []string{
	`the flow reports "something else"`, `the flow reports an error with code "x"`, `the response status is 299`, `the flow completes`,
	`the flow pauses at "x"`, `the flow fails with "x"`, `the form offers "x"`, `"@this" is "x"`, `"message" is "x"`, `"@this" is a number`,
	`"message" matches "^x$"`, `"message" is absent`, `"id" is absent`, `"formData" is 1`, `"form" is 1`, `"details" is 1`, `"error" is "x"`,
	`"interactionToken" is "x"`, `"interactionToken" has changed`, `"interactionToken" is unchanged`, `"echo" is "x"`,
	`"authorizeResponse.code" is "x"`, `"authorizeResponse" is "x"`, `"session.id" is absent`, `"sessionToken" is "x"`,
	`"nothing.here" is present`, `the capability is "x"`, `the page shows "x"`, `the page has a button "x"`, `the session cookies are set`,
	`the flow waits`,
}

// signOn fills everything in and presses the button.
func signOn(mode, password, note string) string {
	return fmt.Sprintf(`    Given the flow "sign-on"
    When I start the flow
    And I fill in "username" with "%s"
    And I fill in "note" with "%s"
    And I fill in "password" with "%s"
    And I press "SIGNON"
`, mode, note, password)
}

// fewLooks are those of looks that find the most.
var fewLooks = []string{
	`the flow reports "something else"`, `the response status is 299`, `"@this" is "x"`, `"message" is "x"`, `the flow pauses at "x"`,
	`the page shows "x"`,
}

// shapes are the answers of the hostile service.
var shapes = []string{"message", "body", "failed", "page", "screen", "redirect", "completed"}

// looking are scenarios that sign on and then look at the answer: at that of each shape with every
// n-th of looks, each of which looks at some shapes.
func looking(encoding string, at []string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Feature: Answers in the encoding %s\n", encoding)
	for i, shape := range shapes {
		for j, look := range at {
			if (i+j)%n != 0 {
				continue
			}
			fmt.Fprintf(&b, "\n  Scenario: %s, %s\n%s    Then %s\n", shape, strings.ReplaceAll(look, `"`, "'"),
				signOn(shape+"/"+encoding, "${env.CANARY_TYPED}", "${env.CANARY_VARIABLE}"), look)
		}
	}
	return b.String()
}

// hostileFeatures are features whose scenarios fail: for each encoding, at each
// kind of assertion, with each secret of a user, at each sentence.
func hostileFeatures() map[string]string {
	all := map[string]string{"every assertion": looking("plain", looks, 1)}
	for encoding := range encodings {
		if encoding != "plain" {
			all["encoding "+encoding] = looking(encoding, fewLooks, 2) //nolint:mnd // half of them
		}
	}
	var b strings.Builder
	b.WriteString("Feature: Every secret of a user\n")
	for _, attribute := range secretAttributes {
		for _, look := range []string{`"message" is "x"`, `"message" is "${user.` + attribute + `}"`, `"message" matches "x{9}"`} {
			fmt.Fprintf(&b, "\n  Scenario: %s %s\n%s    Then %s\n", attribute, strings.ReplaceAll(look, `"`, "'"),
				signOn("message/plain", "${user."+attribute+"}", "${user."+attribute+"}"), look)
		}
	}
	all["every secret of a user"] = b.String()

	b.Reset()
	b.WriteString("Feature: Every sentence\n")
	for i, d := range steps.Definitions() {
		if strings.Contains(d.Example, "polls") {
			continue // the screen has nothing to poll
		}
		fmt.Fprintf(&b, "\n  Scenario: sentence %d\n%s    %s\n", i, signOn("message/plain", "${user.password}", "${env.CANARY_VARIABLE}"),
			strings.ReplaceAll(d.Example, "\n", "\n    "))
	}
	all["every sentence"] = b.String()
	return all
}

// ofAlice is the user of the canary tests, and environment has the variables.
func ofAlice() (yaml string, env map[string]string) {
	env = map[string]string{"CANARY_TYPED": canary("typed"), "CANARY_VARIABLE": canary("variable"), "CANARY_SECRET": canary("clientsecretoftheapp")}
	var b strings.Builder
	b.WriteString("    clientSecret: ${CANARY_SECRET}\n    users:\n      alice:\n        username: alice\n")
	for _, name := range secretAttributes {
		variable := "ALICE_" + strings.ToUpper(name)
		env[variable] = canary("alice" + name)
		fmt.Fprintf(&b, "        %s: ${%s}\n", name, variable)
	}
	return b.String(), env
}

// linesWith returns the first lines that leak, for the message of a test.
func linesWith(text, name string) string {
	const most = 3
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		if len(out) < most && leaks(line, name) {
			out = append(out, line[:min(len(line), 400)])
		}
	}
	return strings.Join(out, "\n")
}

// A mint keeps what a handler hands out and that must stay secret.
type mint struct {
	http.Handler

	mu     sync.Mutex
	values map[string]bool
}

func (m *mint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer := httptest.NewRecorder()
	m.Handler.ServeHTTP(answer, r)
	m.mu.Lock()
	for _, path := range []string{"interactionToken", "authorizeResponse.code", "session.id", "sessionToken"} {
		m.values[gjson.GetBytes(answer.Body.Bytes(), path).String()] = true
	}
	for _, c := range answer.Result().Cookies() {
		if c.Name != "interactionId" {
			m.values[c.Value] = true
		}
	}
	m.mu.Unlock()
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

func TestNoSecretThatAServiceGeneratesIsPrinted(t *testing.T) {
	t.Parallel()
	flows, err := recordings.LoadAll(recordings.Shipped(), "sign-on")
	require.NoError(t, err)
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo()})
	require.NoError(t, err)
	m := &mint{Handler: server, values: map[string]bool{}}
	dir, _ := overTLS(t, m, "    users: {alice: {username: alice, password: \"${ALICE}\"}}\n")
	config, err := os.ReadFile(dir + "/flowtest.yaml")
	require.NoError(t, err)
	write(t, dir, map[string]string{"flowtest.yaml": strings.Replace(string(config), "policy", flows[0].Policy, 1)})
	env := map[string]string{"ALICE": target.Demo()["alice"]["password"], "TYPED": "not-the-" + core("typed")}
	var b strings.Builder
	b.WriteString("Feature: F\n")
	for _, password := range []string{"${user.password}", "${env.TYPED}"} {
		for _, look := range looks {
			fmt.Fprintf(&b, "\n  Scenario: %s\n%s    Then %s\n", strings.ReplaceAll(look, `"`, "'"),
				strings.Replace(signOn("${user.username}", password, ""), "    And I fill in \"note\" with \"\"\n", "", 1), look)
		}
	}
	write(t, dir, map[string]string{"features/a.feature": b.String()})
	for _, format := range []string{"pretty", "progress"} {
		got := command(t.Context(), dir, env, "run", "--rate", "10000", "--format", format)
		require.Equal(t, cli.ExitFailed, got.code, got.errors)
		delete(m.values, "")
		require.Greater(t, len(m.values), 100)
		for value := range m.values {
			assert.NotContains(t, got.out+got.errors, value)
		}
		assert.NotContains(t, got.out+got.errors, env["ALICE"])
		assert.False(t, leaks(got.out+got.errors, "typed"), linesWith(got.out, "typed"))
	}
}

// Each of these scenarios types a password of the environment into a PASSWORD
// field, or would have typed it.
func TestNoPasswordOfTheEnvironmentIsPrinted(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	const begin = "    Given the flow \"sign-on\"\n    When I start the flow\n"
	const fill = "    And I fill in \"password\" with \"${env.CANARY_TYPED}\"\n"
	const table = "    And I fill in:\n      | key      | value |\n      | password | ${env.CANARY_TYPED} |\n"
	_, env := ofAlice()
	for name, text := range map[string]string{
		"passing":                        begin + fill,
		"passing with a table":           begin + table,
		"failing later":                  begin + fill + "    Then the flow completes\n",
		"failing later with a table":     begin + table + "    Then the flow completes\n",
		"failing at the start":           fill,
		"an undefined sentence":          begin + fill + "    Then the flow is happy\n",
		"a mistyped field":               begin + strings.Replace(fill, `"password"`, `"pasword"`, 1),
		"a mistyped field in a table":    begin + strings.Replace(table, "| password |", "| pasword |", 1),
		"a request that has no response": begin + fill + "    And I press \"SIGNON\"\n    Then the flow completes\n",
		"asserted":                       begin + fill + "    Then \"message\" is \"${env.CANARY_TYPED}\"\n",
		"reported":                       begin + fill + "    Then the flow reports \"${env.CANARY_TYPED}\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			copyRecordings(t, dir, "sign-on") // to check all that is shipped takes longer than the rest
			write(t, dir, map[string]string{
				"a.feature": "Feature: F\n  Scenario: S\n" + text, "flowtest.yaml": "recordings: recordings\ntargets: {replay: {type: replay}}\n",
			})
			for _, args := range [][]string{
				{"run", "a.feature"}, {"run", "a.feature", "--format", "progress"}, {"check", "a.feature"},
			} {
				got := command(t.Context(), dir, env, args...)
				assert.False(t, leaks(got.out, "typed"), "%v: stdout:\n%s", args, linesWith(got.out, "typed"))
				assert.False(t, leaks(got.errors, "typed"), "%v: stderr:\n%s", args, linesWith(got.errors, "typed"))
			}
		})
	}
}

// What serve logs of requests that nothing answers holds no value that was sent.
func TestNoSecretIsInTheLogOfServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"flowtest.yaml": "targets:\n  replay:\n    type: replay\n    users:\n      alice: {username: alice, password: " +
		core("ofalice") + "}\n"})
	for name, post := range map[string]string{
		"a miss":            `{"parameters":{"eventType":"submit","data":{"actionKey":"SIGNON","formData":{"password":%q}}}}`,
		"a field too many":  `{"parameters":{"eventType":"submit","data":{"actionKey":"SIGNON","formData":{"username":"alice","password":%q,"x":"1"}}}}`,
		"an unknown button": `{"parameters":{"eventType":"action","data":{"actionKey":"NOPE","formData":{"password":%q}}}}`,
		"no JSON":           `password=%s`,
		"flat fields":       `{"parameters":{"buttonType":"form-submit","buttonValue":"NOPE","password":%q}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "--config", dir+"/flowtest.yaml", recordingsOfSignOn(t))
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			first := request(t, client, http.MethodGet, s.url(t, "sign-on"), "", nil)
			token := gjson.Get(first, "interactionToken").String()
			header := http.Header{"Interactionid": {gjson.Get(first, "interactionId").String()}, "Interactiontoken": {token}}
			answer := request(t, client, http.MethodPost, gjson.Get(first, "_links.next.href").String(), fmt.Sprintf(post, core("typed")), header)
			assert.NotContains(t, answer, core("typed"))
			assert.NotContains(t, answer, core("ofalice"))
			require.Equal(t, cli.ExitPassed, s.stop())
			log := s.talk.String() + strings.Join(s.out, "\n")
			for _, value := range []string{core("typed"), core("ofalice"), token, gjson.Get(first, "interactionId").String()} {
				assert.NotContains(t, log, value)
			}
		})
	}
}

// recordingsOfSignOn is a folder with the recording of one flow.
func recordingsOfSignOn(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.Equal(t, cli.ExitPassed, command(t.Context(), dir, nil, "init").code)
	return dir + "/recordings"
}

// request sends one request as an SDK does and returns the body of its answer.
func request(t *testing.T, client *http.Client, method, to, body string, header http.Header) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
	require.NoError(t, err)
	maps.Copy(req.Header, header)
	req.Header.Set("X-Requested-With", "ping-sdk")
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}
