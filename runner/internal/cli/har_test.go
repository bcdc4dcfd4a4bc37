package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"flowtest/recordings"
	"flowtest/runner/internal/cli"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/walk"
)

// signOnHAR is a HAR of ann's journeys through the sign-on flow, with a request of
// another site and one for a token in front.
func signOnHAR(t *testing.T) string {
	t.Helper()
	f, err := recordings.Load(recordings.Shipped(), "sign-on")
	require.NoError(t, err)
	journeys, _ := walk.Journeys(f, walk.Options{User: ann})
	require.NotEmpty(t, journeys)
	var b bytes.Buffer
	require.NoError(t, har.Write(&b, journeys, "1", har.Legend{}))
	const entry = `{"startedDateTime":"2026-01-01T00:00:00Z","time":1,"request":{"method":"GET","url":"URL","headers":[]},` +
		`"response":{"status":200,"headers":[],"content":{"size":0,"mimeType":"text/html"}}}` + ",\n"
	return strings.Replace(b.String(), `"entries":[`, `"entries":[`+
		strings.Replace(entry, "URL", "https://www.example.net/news", 1)+
		strings.Replace(entry, "URL", "https://www.example.net/film", 1)+
		strings.Replace(entry, "URL", "https://auth.example.com/as/token", 1), 1)
}

// importing is a folder with a HAR and a target that knows ann. The flow policy of
// the target is one that the HAR does not name where it is not the flow's own.
func importing(t *testing.T, text, policy, more string) (dir string, env map[string]string) {
	t.Helper()
	dir, env = t.TempDir(), map[string]string{}
	var users strings.Builder
	for name, value := range ann {
		env["ANN_"+strings.ToUpper(name)] = value
		users.WriteString("        " + name + ": ${ANN_" + strings.ToUpper(name) + "}\n")
	}
	write(t, dir, map[string]string{"a.har": text, "flowtest.yaml": "target: staging\n" + more + "targets:\n" +
		"  replay: {type: replay}\n  staging:\n    type: live\n    region: EU\n" +
		"    environmentId: 5d8b4e2a-6a3b-4c55-9c0e-0b6a1f2e3d4c\n    clientId: app\n    redirectUri: https://app.example.com/callback\n    flows: {sign-on: " +
		policy + "}\n    users:\n      ann:\n" + users.String()})
	return dir, env
}

// eachEntry edits every entry of a flow.
func eachEntry(t *testing.T, text string, edit func(entry string) string) string {
	t.Helper()
	entries := gjson.Get(text, "log.entries").Array()
	out := make([]string, len(entries))
	for i, e := range entries {
		if out[i] = e.Raw; strings.Contains(e.Get("request.url").String(), "/as/authorize") || strings.Contains(e.Get("request.url").String(), "/davinci/") {
			out[i] = edit(e.Raw)
		}
	}
	text, err := sjson.SetRaw(text, "log.entries", "["+strings.Join(out, ",\n")+"]")
	require.NoError(t, err)
	require.True(t, gjson.Valid(text))
	return text
}

func set(t *testing.T, text, path string, value any) string {
	t.Helper()
	out, err := sjson.Set(text, path, value)
	require.NoError(t, err)
	return out
}

func without(t *testing.T, text, path string) string {
	t.Helper()
	out, err := sjson.Delete(text, path)
	require.NoError(t, err)
	return out
}

// The same exchanges, saved by other programs, make the same recording.
func TestImportReadsWhatProgramsSave(t *testing.T) {
	t.Parallel()
	text, policy := signOnHAR(t), policies(t)["sign-on"]
	recorded := func(t *testing.T, text string) (map[string]string, said) {
		t.Helper()
		dir, env := importing(t, text, policy, "")
		got := command(t.Context(), dir, env, "import", "a.har")
		require.Equal(t, cli.ExitPassed, got.code, got.errors)
		all := files(t, filepath.Join(dir, "recordings"))
		all["stdout"] = strings.ReplaceAll(got.out, dir, "")
		for name := range all {
			assert.NotContains(t, name, "flowtest", "nothing but recordings is left")
		}
		return all, got
	}
	want, got := recorded(t, text)
	require.Contains(t, want, "sign-on/recording.yaml")
	assert.Contains(t, want["sign-on/recording.yaml"], "${user.password}")
	assert.Equal(t, "flowtest: skipped: 2 requests to www.example.net (other)\n"+
		"flowtest: skipped: 1 request to auth.example.com (OAuth endpoint)\n", leftOut(got.errors))
	assert.Empty(t, secretsIn(want, ann))
	assert.Empty(t, secretsIn(map[string]string{"stderr": got.errors}, ann))

	for name, edit := range map[string]func(e string) string{
		"Base64": func(e string) string {
			body := gjson.Get(e, "response.content.text").String()
			return set(t, set(t, e, "response.content.text", base64.StdEncoding.EncodeToString([]byte(body))), "response.content.encoding", "base64")
		},
		"compressed, in Base64": func(e string) string {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, err := z.Write([]byte(gjson.Get(e, "response.content.text").String()))
			require.NoError(t, err)
			require.NoError(t, z.Close())
			e = set(t, e, "response.headers.-1", map[string]string{"name": "Content-Encoding", "value": "gzip"})
			return set(t, set(t, e, "response.content.text", base64.StdEncoding.EncodeToString(b.Bytes())), "response.content.encoding", "base64")
		},
		"without cookies of requests": func(e string) string { return without(t, e, "request.cookies") },
		"with a mark before it":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other := "\xef\xbb\xbf" + text
			if edit != nil {
				other = eachEntry(t, text, edit)
				require.NotEqual(t, text, other)
			}
			got, _ := recorded(t, other)
			assert.Equal(t, want, got)
		})
	}
}

// leftOut are the lines about what was left out.
func leftOut(talk string) string {
	var out strings.Builder
	for line := range strings.Lines(talk) {
		if strings.Contains(line, "skipped: ") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// Whatever is wrong with a file or the command, the recording that is there stays.
func TestImportRefuses(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	good, policy := signOnHAR(t), policies(t)["sign-on"]
	other := `{"log":{"entries":[{"request":{"method":"GET","url":"https://www.example.net/"}}]}}`
	noBodies := eachEntry(t, good, func(e string) string {
		return set(t, without(t, e, "response.content.text"), "response.content.size", 99)
	})
	brotli := eachEntry(t, good, func(e string) string {
		e = set(t, e, "response.headers.-1", map[string]string{"name": "Content-Encoding", "value": "br"})
		return set(t, set(t, e, "response.content.text", "i0+AAAD/"), "response.content.encoding", "base64")
	})
	mangled := eachEntry(t, good, func(e string) string {
		e = set(t, e, "response.headers.-1", map[string]string{"name": "Content-Encoding", "value": "gzip"})
		return set(t, e, "response.content.text", "\u001f\ufffd\u0000mangled")
	})
	binary := eachEntry(t, good, func(e string) string {
		return set(t, set(t, e, "response.content.text", base64.StdEncoding.EncodeToString([]byte("\x00\xff\xfe"))), "response.content.encoding", "base64")
	})
	const anotherPolicy, thirdPolicy = "a0000000000000000000000000000001", "b0000000000000000000000000000002"
	last := strings.LastIndex(good, "/as/authorize")
	two := good[:last] + strings.ReplaceAll(good[last:], policy, thirdPolicy)
	for name, test := range map[string]struct {
		text   string
		policy string
		args   []string
		want   string // a regular expression for what is said
	}{
		"cut off": {text: good[:len(good)*2/3], want: `error: a\.har: the file is cut off at line \d+, byte \d+, after \d+ whole entries: save it again`},
		"cut off in a character": {
			text: good[:strings.Index(good, "ö")+1], want: `error: a\.har: the file is cut off at line \d+, byte \d+, after \d+ whole entries: save it again`,
		},
		"not JSON": {text: "{\n'log': 1}", want: `error: a\.har: line 2, byte 2: not JSON: invalid character '\\''`},
		"a page":   {text: "<html>", want: `error: a\.har: line 1, byte 0: not JSON: it is a page of HTML or XML`},
		"empty":    {text: "", want: `error: a\.har: the file is cut off at line 1, byte 0, after 0 whole entries: save it again`},
		"no HAR":   {text: `{"a": 1}`, want: `error: a\.har: this is not a HAR: found an object with the keys a, want an object whose log\.entries is an array`},
		"of another site": {text: other, want: `error: a\.har: 1 entry, none of a DaVinci flow: 1 of www\.example\.net \(other\); ` +
			`want requests to /as/authorize with response_mode=pi\.flow and what follows them`},
		"without bodies": {text: noBodies, want: `error: a\.har: \d+ entries, and no sign-on that could be used:` +
			`\nflowtest: error: \tentry 4, GET /[0-9a-f-]+/as/authorize: its response body of \d+ bytes is not in the file: ` +
			`save it with its contents, and before the browser has dropped them; its sign-on is kept up to here\n.*and \d+ more`},
		"bodies in Brotli": {text: brotli, want: `error: a\.har: \d+ entries, and no sign-on that could be used:` +
			`\nflowtest: error: \tentry 4, GET /[0-9a-f-]+/as/authorize: its response body is compressed with br, which is not read: ` +
			`save it from a browser, or ask for gzip; .*`},
		"bodies mangled": {text: mangled, want: `error: a\.har: \d+ entries, and no sign-on that could be used:` +
			`\nflowtest: error: \tentry 4, GET /[0-9a-f-]+/as/authorize: its response body was saved as text although it is binary, ` +
			`most likely compressed, and cannot be had back; .*`},
		"binary bodies": {text: binary, want: `error: flow "sign-on": no journey got to an answer: journey 1, hop 1 \(entry 4\); journey 2, hop 1 \(entry 6\).*: ` +
			`GET …/authorize was answered with a body that is neither JSON nor HTML, or was cut off`},
		"a missing file":    {text: good, args: []string{"import", "b.har"}, want: `error: b\.har does not exist, want a HAR file or the export of a flow`},
		"a folder":          {text: good, args: []string{"import", "recordings"}, want: `error: open recordings: it is a folder, want a regular file`},
		"no file":           {text: good, args: []string{"import"}, want: `error: import: found 0 arguments, want flowtest import FILE\.har \| import FLOW\.json\nflowtest: hint: an example: flowtest import sign-on\.har --flow sign-on; flowtest import --help shows what there is`},
		"an unknown target": {text: good, args: []string{"import", "a.har", "--target", "nobody"}, want: `error: target "nobody" is not defined in flowtest\.yaml, want one of replay, staging`},
		"an unknown policy": {text: good, policy: anotherPolicy, want: `error: a journey names the flow policy "` + policy +
			`", and the target "staging" has sign-on: say which flow it is with --flow`},
		"a target that replays": {text: good, args: []string{"import", "a.har", "--target", "replay"}, want: `error: a journey names the flow policy "` +
			policy + `", and the target "replay" has no flow: say which flow it is with --flow`},
		"a name of two lines": {text: good, policy: anotherPolicy, args: []string{"import", "a.har", "--flow", "a\nb"}, want: "error: " +
			`record: the flow "a\\nb" cannot be recorded, want a name of one line`},
		"two flows by one name": {text: good, policy: anotherPolicy, args: []string{"import", "two.har", "--flow", "mine"}, want: `error: journeys name the flow policies "` +
			policy + `" and "` + thirdPolicy + `", and --flow mine can be only one of them: name both below flows of the target`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, env := importing(t, good, policy, "")
			require.Equal(t, cli.ExitPassed, command(t.Context(), dir, env, "import", "a.har").code)
			before := files(t, filepath.Join(dir, "recordings"))
			if test.policy != "" {
				config, err := os.ReadFile(filepath.Join(dir, "flowtest.yaml"))
				require.NoError(t, err)
				write(t, dir, map[string]string{"flowtest.yaml": strings.ReplaceAll(string(config), policy, test.policy)})
			}
			write(t, dir, map[string]string{"a.har": test.text, "two.har": two})
			args := test.args
			if args == nil {
				args = []string{"import", "a.har"}
			}
			got := command(t.Context(), dir, env, args...)
			assert.Equal(t, cli.ExitUsage, got.code)
			assert.Empty(t, got.out)
			said := strings.ReplaceAll(strings.TrimPrefix(got.errors, leftOut(got.errors)), dir+string(filepath.Separator), "")
			assert.Regexp(t, "^(?s:flowtest: "+test.want+"\n)$", said)
			assert.Equal(t, before, files(t, filepath.Join(dir, "recordings")))
			assert.Empty(t, secretsIn(map[string]string{"stderr": got.errors}, ann))
		})
	}
}

// An unknown secret is refused with its place, and goes through where
// flowtest.yaml says that it is none.
func TestImportRefusesUnknownSecrets(t *testing.T) {
	t.Parallel()
	const key = "sk9Zr4Qw7Lx2Vb8Nm5Tc1Yh6Jd3"
	policy := policies(t)["sign-on"]
	text := eachEntry(t, signOnHAR(t), func(e string) string {
		var body map[string]any
		if json.Unmarshal([]byte(gjson.Get(e, "response.content.text").String()), &body) != nil || body["form"] == nil {
			return e
		}
		body["vendor"] = map[string]any{"keys": []any{map[string]any{"apiKey": key}}}
		changed, err := json.Marshal(body)
		require.NoError(t, err)
		return set(t, e, "response.content.text", string(changed))
	})
	require.Contains(t, text, key)
	dir, env := importing(t, text, policy, "")
	got := command(t.Context(), dir, env, "import", "a.har")
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Equal(t, `flowtest: error: flow "sign-on": nothing is recorded, since there may be secrets in it
flowtest: error:   registration-form.json: vendor.keys.0.apiKey: a string of high entropy of 27 characters, from journey 4, hop 2 (entry 11, POST …/customHTMLTemplate)
flowtest: error:   reset-password-form.json: vendor.keys.0.apiKey: a string of high entropy of 27 characters, from journey 6, hop 3 (entry 18, POST …/customHTMLTemplate)
flowtest: error:   sign-on-form.json: vendor.keys.0.apiKey: a string of high entropy of 27 characters, from journey 1, hop 1 (entry 4, GET …/authorize); journey 2, hop 1 (entry 6, GET …/authorize); journey 3, hop 1 (entry 8, GET …/authorize); journey 4, hop 1 (entry 10, GET …/authorize); journey 4, hop 3 (entry 12, POST …/customForm); journey 5, hop 1 (entry 13, GET …/authorize) and 3 more
flowtest: error:   trouble-signing-on-form.json: vendor.keys.0.apiKey: a string of high entropy of 27 characters, from journey 5, hop 2 (entry 14, POST …/customHTMLTemplate); journey 6, hop 2 (entry 17, POST …/customHTMLTemplate)
flowtest: error:   name the value as a secret or as an attribute of a user, or allow its path where it is none
flowtest: hint: in flowtest.yaml, where such a string is no secret: scrub: {allow: {vendor.keys.0.apiKey: REGEXP}}; where it is one, with the variable set that has it: scrub: {secrets: ["${VARIABLE}"]}
`, strings.TrimPrefix(got.errors, leftOut(got.errors)))
	assert.NotContains(t, got.errors, key)
	assert.Empty(t, got.out)
	assert.NoDirExists(t, filepath.Join(dir, "recordings", "sign-on"))

	dir, env = importing(t, text, policy, "scrub:\n  allow:\n    vendor.keys.*.apiKey: ^sk9\n")
	got = command(t.Context(), dir, env, "import", "a.har")
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	assert.Contains(t, strings.Join(texts(files(t, filepath.Join(dir, "recordings"))), "\n"), key)

	dir, env = importing(t, text, policy, "scrub:\n  allow:\n    vendor.keys.*.apiKey: ^other\n")
	got = command(t.Context(), dir, env, "import", "a.har")
	assert.Equal(t, cli.ExitUsage, got.code, "it matches another value")

	dir, env = importing(t, text, policy, "scrub:\n  secrets: [\"${KEY}\"]\n")
	env["KEY"] = key
	got = command(t.Context(), dir, env, "import", "a.har")
	assert.NotContains(t, got.out+got.errors+strings.Join(texts(files(t, filepath.Join(dir, "recordings"))), ""), key)
}

func texts(files map[string]string) []string {
	var out []string
	for _, text := range files {
		out = append(out, text)
	}
	return out
}

// What is exported is HAR, holds nothing of a user, and is imported again.
func TestExportAndImportAgain(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	for name := range policies(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			got := command(t.Context(), dir, nil, "export", "--har", "--out", "a.har", name)
			require.Equal(t, cli.ExitPassed, got.code, got.errors)
			assert.Empty(t, got.out)
			assert.Empty(t, got.errors)
			text, err := os.ReadFile(filepath.Join(dir, "a.har"))
			require.NoError(t, err)
			assert.Equal(t, "1.2", gjson.GetBytes(text, "log.version").String())
			require.NotEmpty(t, gjson.GetBytes(text, "log.entries").Array())

			imported := command(t.Context(), dir, nil, "import", "a.har", "--flow", name, "--out", "recordings")
			require.Equal(t, cli.ExitPassed, imported.code, imported.errors)
			loaded, err := recordings.Load(os.DirFS(filepath.Join(dir, "recordings")), name)
			require.NoError(t, err)
			assert.NotEmpty(t, loaded.Hops)
		})
	}
}

// Both have the same, though stdout writes what a CI would take for a command otherwise.
func TestExportToStdoutAndToAFile(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	dir := t.TempDir()
	printed := command(t.Context(), dir, nil, "export", "--har", "magic-link")
	require.Equal(t, cli.ExitPassed, printed.code, printed.errors)
	assert.Empty(t, printed.errors)
	saved := command(t.Context(), dir, nil, "export", "--har", "--out", "a.har", "magic-link")
	require.Equal(t, cli.ExitPassed, saved.code, saved.errors)
	text, err := os.ReadFile(filepath.Join(dir, "a.har"))
	require.NoError(t, err)
	began := regexp.MustCompile(`"startedDateTime":"[^"]*"`) // a second may have gone by
	same := `"startedDateTime":""`
	want, got := began.ReplaceAllString(string(text), same), began.ReplaceAllString(printed.out, same)
	assert.NotEqual(t, want, got, "this flow has such a text")
	assert.JSONEq(t, want, got)
}

func TestExportRefuses(t *testing.T) {
	withoutRace(t, itPrints)
	t.Parallel()
	const have = "errors, forms, magic-link, mfa, passkey, password-reset, platforms, registration, session, sign-on, social, sso, step-up"
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"without a format":    {[]string{"export"}, "error: export writes only HAR: add --har\nflowtest: hint: flowtest export --har --out flows.har\n"},
		"an unknown flow":     {[]string{"export", "--har", "sign-on", "nothing"}, "error: there is no recording of the flow \"nothing\", there are recordings of " + have + "\n"},
		"an invalid folder":   {[]string{"export", "--har", "--out", "none/a.har"}, "error: export: none/a.har: folder none does not exist\n"},
		"a folder for a file": {[]string{"export", "--har", "--out", "folder"}, "error: export: folder: it is a folder, want a regular file\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
			write(t, dir, map[string]string{"a.har": "as it was"})
			got := command(t.Context(), dir, nil, test.args...)
			assert.Equal(t, cli.ExitUsage, got.code)
			assert.Equal(t, "flowtest: "+test.want, strings.ReplaceAll(got.errors, dir+string(filepath.Separator), ""))
			assert.Empty(t, got.out)
			assert.Equal(t, map[string]string{"a.har": "as it was"}, files(t, dir))
		})
	}
}

// What cannot be written whole leaves the file that is there.
func TestExportIntoAFileThatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.har": "as it was"})
	got := command(t.Context(), dir, nil, "export", "--har", "--out", "a.har", "session")
	require.Equal(t, cli.ExitPassed, got.code, got.errors)
	all := files(t, dir)
	require.Len(t, all, 1, "nothing else is left")
	assert.True(t, gjson.Valid(all["a.har"]))
}
