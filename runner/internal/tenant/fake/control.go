package fake

import (
	"maps"
)

// Add adds a user without the API, with further properties such as externalId, and with
// passwordState for the state of the password.
func (t *Tenant) Add(username, email, password string, more map[string]any) (id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	body := map[string]any{"username": username, "email": email, "population": map[string]any{"id": home}}
	maps.Copy(body, more)
	return t.directory.add(body, password)
}

// Users returns the names of the users, in the order in which they were created.
func (t *Tenant) Users() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for _, id := range t.directory.order {
		out = append(out, text(t.directory.users[id].shown, "username"))
	}
	return out
}

// Edit changes what the API shows of a user. It reports whether the user exists.
func (t *Tenant) Edit(username string, edit func(shown map[string]any)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.directory.users {
		if text(p.shown, "username") == username {
			edit(p.shown)
			t.directory.signsOn(p)
			return true
		}
	}
	return false
}

// AppPath returns the path of the app below the environment.
func (t *Tenant) AppPath() string { return t.settings.appPath() }

// Log adds an interaction to the execution log, or replaces the one with its id. Events of
// nodes are logged only for flows whose settings.logLevel is 2 or more.
func (t *Tenant) Log(i *Interaction) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.history.add(i)
}

// Lag makes the next answers about the execution log empty.
func (t *Tenant) Lag(answers int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.history.lag = answers
}
