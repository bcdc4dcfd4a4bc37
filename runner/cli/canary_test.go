package cli_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/cli"
	"flowtest/runner/target"
	"flowtest/steps"
)

// canary is a secret with something to escape in every encoding, and a core of
// letters that no encoding but Base64 changes.
func canary(name string) string { return `c4n"` + core(name) + `\&</x>'+ ö%=` }

func core(name string) string { return "canary0" + name + "0" }

// legible is text with whatever its Base64 holds behind it.
func legible(text string) string {
	var b strings.Builder
	b.WriteString(text)
	for _, run := range base64Run.FindAllString(text, -1) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for cut := range 4 { // it may begin in the middle of a run
			part := run[cut:]
			if got, err := base64.RawStdEncoding.DecodeString(part[:len(part)/4*4]); err == nil {
				b.WriteByte('\n')
				b.Write(got)
			}
		}
	}
	return b.String()
}

// leaks finds the core of a canary in text, as it is or in Base64.
func leaks(text, name string) bool { return strings.Contains(legible(text), core(name)) }

var base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{16,}`)

func TestTheCanaryIsFoundInEveryEncoding(t *testing.T) {
	for name, encode := range encodings {
		t.Run(name, func(t *testing.T) {
			assert.True(t, leaks("before "+encode(canary("x"))+" after", "x"))
			assert.False(t, leaks("before "+encode(canary("x"))+" after", "y"))
		})
	}
}

// encodings are how a hostile service may write a secret.
var encodings = map[string]func(string) string{
	"plain": func(v string) string { return v },
	"query": url.QueryEscape,
	"path":  url.PathEscape,
	"html":  html.EscapeString,
	"html-names": func(v string) string {
		return strings.NewReplacer("&#34;", "&quot;", "&#39;", "&apos;").Replace(html.EscapeString(v))
	},
	"html-hex": func(v string) string {
		return strings.NewReplacer("&#34;", "&#x22;", "&#39;", "&#x27;").Replace(html.EscapeString(v))
	},
	"json":       func(v string) string { return inJSON(v, true) },
	"json-plain": func(v string) string { return inJSON(v, false) },
	"json-slash": func(v string) string { return strings.ReplaceAll(inJSON(v, false), "/", `\/`) },
	"json-ascii": func(v string) string {
		var b strings.Builder
		for _, r := range inJSON(v, true) {
			if r < 128 {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		}
		return b.String()
	},
	"base64":     func(v string) string { return base64.StdEncoding.EncodeToString([]byte(v)) },
	"base64-url": func(v string) string { return base64.RawURLEncoding.EncodeToString([]byte(v)) },
}

func inJSON(v string, escape bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escape)
	if err := e.Encode(v); err != nil {
		return ""
	}
	text := strings.TrimSpace(b.String())
	return text[1 : len(text)-1]
}

// hostile is a service that repeats whatever it was sent and what it handed
// out, in the shape and encoding that the field username asks for.
type hostile struct {
	mu         sync.Mutex
	challenges []string
}

// The canaries that the service hands out.
var minted = []string{"token", "cookie", "code", "accesstoken", "idtoken", "sessionid", "sessiontoken", "refused", "location"}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	http.SetCookie(w, &http.Cookie{Name: "ST", Value: core("cookie") + "-value", Path: "/", Secure: true})
	if r.Method == http.MethodGet {
		h.mu.Lock()
		h.challenges = append(h.challenges, r.URL.Query().Get("code_challenge"))
		h.mu.Unlock()
		h.json(w, http.StatusOK, h.screen(r, "Sign On Form", "Username", ""))
		return
	}
	shape, encoding, _ := strings.Cut(gjson.GetBytes(body, "parameters.data.formData.username").String(), "/")
	encode, ok := encodings[encoding]
	if !ok {
		shape, encode = "message", encodings["plain"]
	}
	var words []string
	gjson.GetBytes(body, "parameters.data.formData").ForEach(func(k, v gjson.Result) bool {
		words = append(words, k.String()+"="+encode(v.String()))
		return true
	})
	words = append(words, "token="+encode(r.Header.Get("interactionToken")))
	for _, c := range r.Cookies() {
		words = append(words, c.Name+"="+encode(c.Value))
	}
	echo := strings.Join(words, " ")
	if shape == "page" && !strings.HasPrefix(encoding, "html") {
		echo = html.EscapeString(echo) // else the page would not show all of it
	}
	h.answer(w, r, shape, echo, string(body))
}

func (h *hostile) answer(w http.ResponseWriter, r *http.Request, shape, echo, raw string) {
	switch shape {
	case "message":
		h.json(w, http.StatusBadRequest, map[string]any{
			"interactionId": "i1", "id": "n2", "connectorId": "c", "capabilityName": "checkPassword", "code": echo, "message": echo,
			"interactionToken": canary("refused"), "details": []any{map[string]any{"rawResponse": map[string]any{"sent": echo, "token": canary("refused")}}},
		})
	case "body":
		h.json(w, http.StatusBadRequest, map[string]any{"id": "n2", "code": "x", "message": "could not read " + raw, "details": raw})
	case "failed":
		h.json(w, http.StatusOK, map[string]any{
			"id": "n2", "status": "FAILED", "interactionToken": canary("refused"), "error": map[string]any{"code": echo, "message": echo + canary("refused")},
		})
	case "page":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "<html><head><title>%s</title></head><body><p>%s</p></body></html>", echo, echo)
	case "screen":
		h.json(w, http.StatusOK, h.screen(r, "Form for "+echo, echo, echo))
	case "redirect":
		w.Header().Set("Location", "https://app.example.test/callback?"+url.Values{
			"code": {canary("location")}, "error": {"access_denied"}, "error_description": {echo},
		}.Encode())
		w.WriteHeader(http.StatusFound)
	default:
		h.json(w, http.StatusOK, map[string]any{
			"id": "n3", "capabilityName": "returnSuccessResponseRedirect", "status": "COMPLETED", "interactionToken": canary("token"),
			"session": map[string]any{"id": canary("sessionid")}, "sessionToken": canary("sessiontoken"), "echo": echo,
			"authorizeResponse": map[string]any{
				"code": canary("code"), "access_token": canary("accesstoken"), "id_token": canary("idtoken"), "state": "s",
			},
		})
	}
}

func (*hostile) screen(r *http.Request, name, label, value string) map[string]any {
	field := func(kind, key string) map[string]any { return map[string]any{"type": kind, "key": key, "label": label} }
	return map[string]any{
		"id": "n1", "interactionId": "i1", "interactionToken": canary("token"), "connectionId": "c1", "capabilityName": "customForm",
		"_links":   map[string]any{"next": map[string]any{"href": "https://" + r.Host + "/davinci/connections/c1/capabilities/customForm"}},
		"formData": map[string]any{"value": map[string]any{"note": value}},
		"form": map[string]any{"name": name, "components": map[string]any{"fields": []any{
			field("TEXT", "username"), field("TEXT", "note"), field("PASSWORD", "password"), field("SUBMIT_BUTTON", "SIGNON"),
		}}},
	}
}

func (*hostile) json(w http.ResponseWriter, status int, body map[string]any) {
	text, err := json.Marshal(body)
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// secretAttributes are the names under which a user may have secrets.
var secretAttributes = []string{
	"password", "newPassword", "passphrase", "clientsecret", "otp", "pin", "apiToken", "backupCode", "mfa", "pass", "pwd",
}

// sentence writes text as it stands between the quotes of a step.
func sentence(text string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) }

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

// looking are scenarios that sign on and then look at the answer.
func looking(encoding string, at []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Feature: Answers in the encoding %s\n", encoding)
	for _, shape := range shapes {
		for _, look := range at {
			fmt.Fprintf(&b, "\n  Scenario: %s, %s\n%s    Then %s\n", shape, strings.ReplaceAll(look, `"`, "'"),
				signOn(shape+"/"+encoding, sentence(canary("typed")), "${env.CANARY_VARIABLE}"), look)
		}
	}
	return b.String()
}

// hostileFeatures are features whose scenarios fail: for each encoding, at each
// kind of assertion, with each secret of a user, at each sentence.
func hostileFeatures() map[string]string {
	all := map[string]string{"every assertion": looking("plain", looks)}
	for encoding := range encodings {
		all["encoding "+encoding] = looking(encoding, fewLooks)
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
	env = map[string]string{"CANARY_VARIABLE": canary("variable"), "CANARY_SECRET": canary("clientsecretoftheapp")}
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

func TestNoSecretIsInWhatIsSaidOfAHostileService(t *testing.T) {
	names := append([]string{"typed", "variable", "clientsecretoftheapp"}, minted...)
	for _, attribute := range secretAttributes {
		names = append(names, "alice"+attribute)
	}
	yaml, env := ofAlice()
	verifier := regexp.MustCompile(`[A-Za-z0-9_-]{43,}`)
	for what, text := range hostileFeatures() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := &hostile{}
			dir, _ := overTLS(t, h, yaml)
			write(t, dir, map[string]string{"features/a.feature": text})
			commands := [][]string{{"run", "--rate", "10000"}}
			if strings.HasPrefix(what, "every s") {
				commands = append(commands, []string{"run", "--rate", "10000", "--format", "progress"}, []string{"run", "--target", "none"}, []string{"check"})
			}
			for _, args := range commands {
				got := command(t.Context(), dir, env, args...)
				if args[0] == "run" && !slices.Contains(args, "none") {
					require.Equal(t, cli.ExitFailed, got.code, got.errors)
					require.Greater(t, strings.Count(got.out, "[redacted]"), 20)
				}
				out, talk := legible(got.out), legible(got.errors)
				for _, name := range names {
					if strings.Contains(out, core(name)) {
						assert.Fail(t, "it leaks", "%s: %v: stdout:\n%s", name, args, linesWith(got.out, name))
					}
					if strings.Contains(talk, core(name)) {
						assert.Fail(t, "it leaks", "%s: %v: stderr:\n%s", name, args, linesWith(got.errors, name))
					}
				}
				for _, run := range verifier.FindAllString(got.out+got.errors, -1) {
					sum := sha256.Sum256([]byte(run))
					assert.NotContains(t, h.challenges, base64.RawURLEncoding.EncodeToString(sum[:]), "the PKCE verifier")
				}
			}
			assert.NotEmpty(t, h.challenges)
		})
	}
}

// A mint keeps what a handler hands out that nobody may see.
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

func TestNoSecretThatAServiceMintsIsInWhatIsSaid(t *testing.T) {
	flows, err := recordings.LoadAll(recordings.Shipped(), "sign-on")
	require.NoError(t, err)
	server, err := mockserver.New(mockserver.Config{Flows: flows, Users: target.Demo()})
	require.NoError(t, err)
	m := &mint{Handler: server, values: map[string]bool{}}
	dir, _ := overTLS(t, m, "    users: {alice: {username: alice, password: \"${ALICE}\"}}\n")
	config, err := os.ReadFile(dir + "/flowtest.yaml")
	require.NoError(t, err)
	write(t, dir, map[string]string{"flowtest.yaml": strings.Replace(string(config), "policy", flows[0].Policy, 1)})
	env := map[string]string{"ALICE": target.Demo()["alice"]["password"]}
	var b strings.Builder
	b.WriteString("Feature: F\n")
	for _, password := range []string{"${user.password}", "not-the-" + core("typed")} {
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

// Each of these scenarios has a password of its own in its text. It is typed
// into a PASSWORD field, or would have been.
func TestNoPasswordOfAFeatureIsInWhatIsSaid(t *testing.T) {
	const begin = "    Given the flow \"sign-on\"\n    When I start the flow\n"
	fill := func(name string) string {
		return `    And I fill in "password" with "` + sentence(canary(name)) + "\"\n"
	}
	table := func(name string) string {
		return "    And I fill in:\n      | key      | value |\n      | password | " +
			strings.NewReplacer(`\`, `\\`, "|", `\|`).Replace(canary(name)) + " |\n"
	}
	for name, text := range map[string]string{
		"passing":                    begin + fill("x"),
		"passingtable":               begin + table("x"),
		"failinglater":               begin + fill("x") + "    Then the flow completes\n",
		"failinglaterwithtable":      begin + table("x") + "    Then the flow completes\n",
		"failingbefore":              begin + "    Then the flow completes\n" + strings.Replace(fill("x"), "And", "When", 1),
		"failingbeforewithtable":     begin + "    Then the flow completes\n" + strings.Replace(table("x"), "And", "When", 1),
		"failingatthestart":          fill("x"),
		"undefinedsentence":          begin + fill("x") + "    Then the flow is happy\n",
		"undefinedsentencewithtable": begin + table("x") + "    Then the flow is happy\n",
		"fieldmistyped":              begin + strings.Replace(fill("x"), `"password"`, `"pasword"`, 1),
		"fieldmistypedintable":       begin + strings.Replace(table("x"), "| password |", "| pasword |", 1),
		"missed":                     begin + fill("x") + "    And I press \"SIGNON\"\n    Then the flow completes\n",
		"inthename":                  begin + fill("x"),
		"inaname":                    begin + fill("x") + "    Then the flow completes\n",
		"asserted":                   begin + fill("x") + `    Then "message" is "` + inJSON(canary("x"), false) + "\"\n",
		"reported":                   begin + fill("x") + `    Then the flow reports "` + sentence(canary("x")) + "\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, map[string]string{"a.feature": "Feature: F\n  Scenario: S\n" + text})
			if strings.HasSuffix(name, "name") {
				write(t, dir, map[string]string{"a.feature": "Feature: F\n  Scenario Outline: With <v>\n" +
					strings.ReplaceAll(text, sentence(canary("x")), "<v>") + "\n    Examples:\n      | v |\n      | " + core("x") + " |\n"})
			}
			for _, args := range [][]string{
				{"run", "a.feature"}, {"run", "a.feature", "--format", "progress"}, {"check", "a.feature"},
			} {
				got := command(t.Context(), dir, nil, args...)
				assert.False(t, leaks(got.out, "x"), "%v: stdout:\n%s", args, linesWith(got.out, "x"))
				assert.False(t, leaks(got.errors, "x"), "%v: stderr:\n%s", args, linesWith(got.errors, "x"))
			}
		})
	}
}

// What serve logs of requests that nothing answers holds no value that was sent.
func TestNoSecretIsInTheLogOfServe(t *testing.T) {
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
