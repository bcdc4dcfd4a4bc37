package target_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// withMail is a flowtest.yaml with a live target and further lines of it.
func withMail(lines string) string {
	return "targets:\n  staging:\n    type: live\n    region: EU\n    environmentId: " + environmentID +
		"\n    clientId: the-app\n    " + lines + "\n"
}

func TestMailboxes(t *testing.T) {
	t.Parallel()
	variables := map[string]string{"MAIL_PASSWORD": "mailbox-secret-1", "MAIL": "http://localhost:8025/"}
	got, err := choose(t, withMail(`population: flowtest
    readOnly: true
    mail: {type: mailpit, url: "${MAIL}", code: 'code is (\d+)', wait: 5s}
    sms: {listen: "127.0.0.1:0"}`), "staging", variables)
	require.NoError(t, err)
	l := got.Live
	assert.Equal(t, "flowtest", l.Population)
	assert.True(t, l.ReadOnly)
	assert.Equal(t, []any{"mailpit", "http://localhost:8025", 5 * time.Second, `code is (\d+)`},
		[]any{l.Mail.Type, l.Mail.URL, l.Mail.Wait, l.Mail.Code.String()})
	assert.Equal(t, []any{"sms", "127.0.0.1:0", 30 * time.Second}, []any{l.SMS.Type, l.SMS.Listen, l.SMS.Wait})

	got, err = choose(t, withMail(`mail: {type: imap, url: "imaps://mail.example.com", username: u, password: "${MAIL_PASSWORD}"}`),
		"staging", variables)
	require.NoError(t, err)
	assert.Equal(t, "mailbox-secret-1", got.Live.Mail.Password.Reveal())
	assert.NotContains(t, fmt.Sprintf("%v %+v %s", got, *got.Live, *got.Live.Mail), "mailbox-secret-1")
}

func TestMailboxMistakes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ lines, want string }{
		"no type":               {"mail: {url: \"http://localhost\"}", "flowtest.yaml:7:5: targets.staging.mail has no type, want mailpit, imap or smtp"},
		"another type":          {"mail: {type: mailpot}", "targets.staging.mail.type is \"mailpot\", want mailpit, imap or smtp: did you mean \"mailpit\"?"},
		"no URL":                {"mail: {type: mailpit}", "targets.staging.mail has no url, want one such as http://localhost:8025"},
		"no mapping":            {"mail: x", "7:11: targets.staging.mail is not a mapping, want one such as {type: mailpit, url: http://localhost:8025}"},
		"no mapping of texts":   {"sms: 3", "7:10: targets.staging.sms is not a mapping, want one such as {listen: 127.0.0.1:2525}"},
		"a number for a time":   {"sms: {listen: \"127.0.0.1:1\", wait: 3}", "7:40: targets.staging.sms.wait is not a time above 0, want one such as 30s"},
		"a port only":           {"sms: {listen: 5}", "7:19: targets.staging.sms.listen is not an address, want HOST:PORT such as 127.0.0.1:2525"},
		"no listen":             {"sms: {}", "targets.staging.sms has no listen, want one such as 127.0.0.1:2525"},
		"a time of the target":  {"wait: 3", "7:5: targets.staging.wait is in the wrong place, want it below mail or sms"},
		"no worker app":         {"worker: x", "7:13: targets.staging.worker is not a mapping, want one such as {clientId: …, clientSecret: \"${WORKER_SECRET}\"}"},
		"a key of another type": {"mail: {type: smtp, listen: \"127.0.0.1:25\", username: u}", "targets.staging.mail.username is not a setting of this type, want listen, code, link, wait or type"},
		"plain HTTP":            {"mail: {type: mailpit, url: \"http://mail.example\"}", "targets.staging.mail.url is http, want https: only 127.0.0.1, localhost and [::1] may be reached without TLS"},
		"plain IMAP":            {"mail: {type: imap, url: \"imap://mail.example\", username: u, password: \"${P}\"}", "targets.staging.mail.url is imap, want imaps"},
		"a password":            {"mail: {type: imap, url: \"imaps://mail.example\", username: u, password: p}", "targets.staging.mail.password is written out, want a reference"},
		"no address":            {"sms: {listen: here}", "targets.staging.sms.listen is not an address, want HOST:PORT such as 127.0.0.1:2525"},
		"no host":               {"mail: {type: smtp, listen: \":2525\"}", "targets.staging.mail.listen has no host, so that anyone could reach it, want HOST:PORT such as 127.0.0.1:2525"},
		"no expression":         {"sms: {listen: \"127.0.0.1:1\", code: '(a)(b)'}", "targets.staging.sms.code is not a regular expression with one group or none"},
		"no time":               {"sms: {listen: \"127.0.0.1:1\", wait: '0'}", "targets.staging.sms.wait is not a time above 0, want one such as 30s"},
		"no flag":               {"readOnly: maybe", "targets.staging.readOnly is text, want true or false: write one of them without quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(withMail(test.lines), map[string]string{"P": "mailbox-secret-1"})
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "\n", "one mistake is one line")
		})
	}
	f, err := load(withMail("mail: {type: mailpit, url: \"${U}\"}"), map[string]string{"U": "ftp://secret-of-mine"})
	require.NoError(t, err)
	_, err = f.Choose("staging")
	require.ErrorContains(t, err, "targets.staging.mail.url is not a URL of this type, want one such as http://localhost:8025")
	assert.NotContains(t, err.Error(), "secret-of-mine")
}
