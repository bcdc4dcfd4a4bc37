package mail_test

import (
	"io"
	"net/http"
	"net/smtp"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/mail"
)

// TestRealMailpit reads codes and links from a Mailpit that runs as a process. It is built
// with
//
//	go -C .github/tools/mailpit build -o FILE github.com/axllent/mailpit
//
// and named by FLOWTEST_MAILPIT, since compiling it takes longer than all tests together.
func TestRealMailpit(t *testing.T) {
	t.Parallel()
	program := os.Getenv("FLOWTEST_MAILPIT")
	if program == "" {
		t.Skip("FLOWTEST_MAILPIT names no Mailpit")
	}
	smtpAt, webAt := free(t), free(t)
	process := exec.CommandContext(t.Context(), program, "--smtp", smtpAt, "--listen", webAt, "--quiet",
		"--disable-version-check", "--database", t.TempDir()+"/mail.db")
	process.Stdout, process.Stderr = io.Discard, io.Discard
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait() // it was killed
	})
	send := func(message string, to ...string) {
		require.NoError(t, smtp.SendMail(smtpAt, nil, "noreply@pingone.example", to, []byte(message)))
	}
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://" + webAt + "/readyz") //nolint:noctx // of a test, on this machine
		if err != nil {
			return false
		}
		return resp.Body.Close() == nil && resp.StatusCode == http.StatusOK
	}, time.Minute, 50*time.Millisecond)

	c := &target.Mailbox{Type: target.MailMailpit, URL: "http://" + webAt, Wait: time.Minute}
	box, err := mail.Open(t.Context(), c, http.DefaultTransport)
	require.NoError(t, err)
	send(plain+"Your code is 111111.", ada)
	send(strings.ReplaceAll(plain, "ada@", "xada@")+"Your code is 222222.", "xada@example.com")
	since := time.Now()
	brief := *c
	brief.Wait = 2 * time.Second
	short, err := mail.Open(t.Context(), &brief, http.DefaultTransport)
	require.NoError(t, err)
	_, err = short.Code(t.Context(), ada, since)
	require.ErrorContains(t, err, "Mailpit at http://"+webAt+" has 1 older message to this address and 1 to others")
	send(html+`<p>Your code is <b>333333</b>.</p>`, ada)
	code, err := box.Code(t.Context(), ada, since)
	require.NoError(t, err)
	assert.Equal(t, "333333", code)
	since = time.Now()
	send(html+`<p><a href="https://auth.example.com/x?a=1&amp;b=2">Confirm</a></p>`, ada)
	link, err := box.Link(t.Context(), ada, since)
	require.NoError(t, err)
	assert.Equal(t, "https://auth.example.com/x?a=1&b=2", link)
}

// free returns an address that is free at the moment.
func free(t *testing.T) string {
	t.Helper()
	box, err := mail.Open(t.Context(), &target.Mailbox{Type: target.MailSMTP, Listen: "127.0.0.1:0"}, nil)
	require.NoError(t, err)
	require.NoError(t, box.Close())
	return box.Address()
}
