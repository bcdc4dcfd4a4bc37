package local_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tidwall/gjson"

	"flowtest/mockserver"
	"flowtest/mockserver/testdata/shipped"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/tenant/fake"
	"flowtest/runner/internal/tenant/local"
	"flowtest/runner/internal/tenant/mail"
	"flowtest/steps/davinci"
)

// opened returns a tenant beside a replay, and where both are.
func opened(t *testing.T, change func(*local.Config)) (*local.Tenant, string) {
	t.Helper()
	tenant := &local.Tenant{}
	server, err := mockserver.New(mockserver.Config{
		Flows: shipped.Flows(t), Users: target.Demo(), Observe: tenant.Observe,
	})
	require.NoError(t, err)
	var handler http.Handler
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(site.Close)
	c := local.Config{
		Tenant: fake.Config{Base: site.URL, Environment: mockserver.DefaultEnvironment, Population: "flowtest"},
		Users:  target.Demo(), Say: func(line string) { assert.Fail(t, line) },
	}
	if change != nil {
		change(&c)
	}
	handler = tenant.Open(c, server, server)
	return tenant, site.URL
}

// asksFor is a step after which the flow takes a code.
func asksFor(sent string, user map[string]string) mockserver.Step {
	return mockserver.Step{
		User: user, Named: true, Takes: map[string]string{"otp": "otp", "password": "password"},
		Sent: davinci.ReadSent(gjson.Parse(`{"parameters":{"data":{"formData":` + sent + `}}}`)),
	}
}

var ada = map[string]string{"email": "ada@example.com", "phone": "+15125550199", "otp": "482913", "password": "a-Secret-99999"}

// A code goes out as an email, kept here or sent, and as a text message to one who chose that.
func TestCodesAreSent(t *testing.T) {
	t.Parallel()
	box := func(c *target.Mailbox) *mail.Box {
		c.Wait = time.Minute
		b, err := mail.Open(t.Context(), c, http.DefaultTransport)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, b.Close()) })
		return b
	}
	smtp := box(&target.Mailbox{Type: target.MailSMTP, Listen: "127.0.0.1:0"})
	sms := box(&target.Mailbox{Type: target.MailSMS, Listen: "127.0.0.1:0"})
	sending, _ := opened(t, func(c *local.Config) {
		c.SMTP, c.SMS, c.To = smtp.Address(), "http://"+sms.Address(), http.DefaultTransport
	})
	keeping, base := opened(t, nil)
	kept := box(&target.Mailbox{Type: target.MailMailpit, URL: base + local.MailPath})

	since := time.Now()
	for _, tenant := range []*local.Tenant{sending, keeping} {
		tenant.Observe(asksFor(`{"device":{"type":"EMAIL"}}`, ada))
	}
	sending.Observe(asksFor(`{"device":{"type":"SMS"}}`, map[string]string{"phone": "+15125550199", "otp": "135791"}))
	for name, row := range map[string]struct {
		box      *mail.Box
		to, want string
	}{
		"kept": {kept, "ada@example.com", "482913"}, "sent": {smtp, "ada@example.com", "482913"},
		"as a text message": {sms, "+15125550199", "135791"},
	} {
		code, err := row.box.Code(t.Context(), row.to, since)
		require.NoError(t, err, name)
		assert.Equal(t, row.want, code, name)
	}

	link := asksFor(`{}`, ada)
	link.Challenge, link.Takes = true, nil
	later := time.Now()
	keeping.Observe(link)
	found, err := kept.Link(t.Context(), "ada@example.com", later)
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(found, base+local.MailPath+"/opened/"), found)
	for at, want := range map[string]int{found: http.StatusOK, found + "0": http.StatusNotFound} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, at, http.NoBody)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		assert.Equal(t, want, resp.StatusCode, at)
	}
}

// A mail server that hangs holds the journey that waits for it, and no other.
func TestAMailServerThatHangs(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	said := make(chan string, 1)
	tenant, _ := opened(t, func(c *local.Config) {
		c.SMTP, c.Say = listener.Addr().String(), func(line string) { said <- line }
	})
	over := make(chan struct{})
	go func() {
		defer close(over)
		tenant.Observe(asksFor(`{"device":{"type":"EMAIL"}}`, ada))
	}()
	conn, err := listener.Accept()
	require.NoError(t, err)
	tenant.Observe(asksFor(`{"device":{"type":"SMS"}}`, ada)) // another journey
	assert.NotNil(t, tenant.Environment())
	require.NoError(t, conn.Close())
	<-over
	assert.Contains(t, <-said, "an email could not be sent: ")
}

// Registrations that are given up do not keep later ones from being completed.
func TestAbandonedRegistrations(t *testing.T) {
	t.Parallel()
	tenant, _ := opened(t, nil)
	step := func(i int, completed bool) {
		tenant.Observe(mockserver.Step{
			Made: map[string]string{"unique.email": fmt.Sprintf("user%d@example.com", i)}, Completed: completed,
			Sent: davinci.ReadSent(gjson.Parse(`{"parameters":{"data":{"formData":{"user.password":"a-Secret-99999"}}}}`)),
		})
	}
	const many = 1100
	for i := range many {
		step(i, false)
	}
	step(many-1, true)
	assert.Contains(t, tenant.Environment().Users(), "user1099@example.com")
}
