package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/cli"
)

func TestServeSaysWhoCanSignOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"own.yaml": "recordings: recordings\ntargets:\n  replay:\n    type: replay\n    users:\n" +
		"      bob: {username: bob, password: bobs-Passw0rd, email: bob@example.test}\n      ann: {username: ann}\n"})
	copyOf(t, "sign-on", filepath.Join(dir, "recordings"))
	own := filepath.Join(dir, "own.yaml")
	for name, row := range map[string]struct {
		args      []string
		want, way string
	}{
		"the built-in user, who is made up": {
			nil, `alice \(.*newPassword demo-Passw0rd-2, otp 204816, password demo-Passw0rd-1, .*username alice\)`,
			"SIGNON (password demo-Passw0rd-1, username alice), " +
				`then the form (device {"id":"694b5b59-0c45-4448-b2d5-0539062092f0","type":"EMAIL","value":"a***@example.com"}), ` +
				"then VERIFY (otp 204816)",
		},
		"those of a configuration": {
			[]string{"--config", own},
			`ann \(username\), bob \(email, password, username\); their values are in ` + regexp.QuoteMeta(own),
			"SIGNON (password ${user.password}, username ${user.username})",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, row.args...)
			assert.Regexp(t, "(?m)^  users          "+row.want+"$", strings.Join(s.out, "\n"))
			assert.Contains(t, s.out, "    to its end   "+row.way)
			assert.NotContains(t, strings.Join(s.out, "\n"), "bobs-Passw0rd")
			assert.Equal(t, cli.ExitPassed, s.stop())
		})
	}
}

// A CA that lies at a place of the user's own is there after each start, so that a
// flowtest.yaml can name it once.
func TestServeWritesItsCAWhereItIsWanted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "the ca.pem")
	var before []byte
	for range 2 {
		s := serve(t, "--tls", "--write-ca", file)
		assert.Equal(t, "the CA's certificate is in "+file, s.out[0])
		assert.Contains(t, s.out[len(s.out)-1], "curl --cacert '"+file+"' -H ")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(string(text), "-----BEGIN CERTIFICATE-----\n"))
		assert.NotContains(t, string(text), "PRIVATE KEY")
		assert.NotEqual(t, before, text, "each start has a CA of its own")
		before = text

		host := strings.TrimPrefix(strings.SplitAfterN(s.url(t, "discovery"), "/as/", 2)[0], "")
		write(t, dir, map[string]string{"flowtest.yaml": "targets:\n  local:\n    type: live\n    baseUrl: " + strings.TrimSuffix(host, "/") +
			"\n    clientId: any\n    ca: the ca.pem\n    flows: {sign-on: \"\"}\n"})
		_, policy, _ := strings.Cut(s.url(t, "sign-on"), "acr_values=")
		config := strings.Replace(read(t, dir, "flowtest.yaml"), `""`, policy, 1)
		write(t, dir, map[string]string{"flowtest.yaml": config, "features/a.feature": signsOnTo(right)})
		got := command(t.Context(), dir, nil, "run", "--rate", "1000")
		assert.Equal(t, cli.ExitPassed, got.code, got.out+got.errors)
		assert.Equal(t, cli.ExitPassed, s.stop())
		assert.FileExists(t, file, "it stays")
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 3, "nothing else is left: %v", left)
}

// A client that names the CA that he wants to be trusted does not lose it.
func TestServeOverwritesNoOtherFileWithItsCA(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"another CA": string(anotherCA(t)), "no certificate": "hello\n", "nothing": "",
		"an invalid certificate": "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, map[string]string{"ca.pem": text})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // of a server that starts all the same
			defer cancel()
			got := command(ctx, dir, nil, "serve", "--tls", "--write-ca", "ca.pem", "--listen", "127.0.0.1:0")
			assert.Equal(t, cli.ExitUsage, got.code)
			assert.Contains(t, got.errors, "ca.pem contains something other than a CA of flowtest serve, want another file\n")
			assert.Equal(t, text, read(t, dir, "ca.pem"))
		})
	}
	got := command(t.Context(), t.TempDir(), nil, "serve", "--tls", "--write-ca", "nowhere/ca.pem", "--listen", "127.0.0.1:0")
	assert.Equal(t, cli.ExitUsage, got.code)
	assert.Contains(t, got.errors, "flowtest: error: serve: --write-ca: ")
}

// anotherCA is a certificate of another program.
func anotherCA(t *testing.T) []byte {
	t.Helper()
	dir, _ := overTLS(t, nil, "")
	text, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	require.NoError(t, err)
	return text
}
