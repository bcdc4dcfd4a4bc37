package target

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"flowtest/recordings/strictyaml"
	"flowtest/steps/secret"
)

const (
	keyWorker   = "worker"
	keyAPIURL   = "apiUrl"
	keyTokenURL = "tokenUrl"
)

var workerKeys = []string{keyClientID, keyClientSecret, keyEnvironmentID, keyAPIURL, keyTokenURL}

// A Worker is the worker app with which a command asks the management API about the
// environment of a [Live] target. No flow ever sends its secret.
type Worker struct {
	// ClientID and ClientSecret are the worker app's own. Neither is ever empty.
	ClientID     string
	ClientSecret secret.Value

	// API is the base of the management API, for example
	// "https://api.pingone.eu/v1". It does not end in a slash.
	API string

	// Token is the token endpoint of the worker app's environment.
	Token string
}

// worker reads the section worker of a live target.
func (r reader) worker(d *declared, e strictyaml.Entry) {
	path := strictyaml.Join(d.path, e.Key)
	if _, ok := e.Value.(*ast.MappingNode); !ok {
		const example = `{clientId: …, clientSecret: "${WORKER_SECRET}"}`
		r.Add(strictyaml.PlaceOf(e.Value), "%s is not a mapping, want one such as %s", path, example)
		return
	}
	d.worker, d.workerAt = map[string]setting{}, e.At
	entries, _ := r.Entries(path, e.Value)
	for _, e := range entries {
		if !slices.Contains(workerKeys, e.Key) {
			r.Unknown(path, e, workerKeys)
			continue
		}
		if s, ok := r.text(strictyaml.Join(path, e.Key), e.Value); ok {
			d.worker[e.Key] = s
		}
	}
}

// checkWorker finds what is wrong with a worker app whatever the environment says.
func (d *declared) checkWorker(m *strictyaml.Reader) {
	if d.worker == nil {
		return
	}
	for _, key := range workerKeys {
		s, given := d.worker[key]
		switch text, literal := s.literal(); {
		case !given && (key == keyClientID || key == keyClientSecret):
			m.Add(d.workerAt, "%s.worker has no %s, want the id and the secret of a worker app", d.path, key)
		case key == keyClientSecret:
			s.checkSecret(m)
		case given && literal:
			s.check(m, key, text)
		}
	}
}

// worker returns the worker app of a live target, nil if it has none. The id of the environment
// and base are the target's.
func (r *resolver) worker(l *Live, base string) *Worker {
	if r.d.worker == nil {
		return nil
	}
	value := func(key string) string {
		s, given := r.d.worker[key]
		if !given {
			return ""
		}
		return r.checked(key, s)
	}
	w := &Worker{ClientID: value(keyClientID), ClientSecret: secret.New(value(keyClientSecret))}
	w.API = strings.TrimRight(value(keyAPIURL), "/")
	w.Token = value(keyTokenURL)
	own := value(keyEnvironmentID)
	if region := regionBase(l.Region()); region != "" {
		w.API = cmp.Or(w.API, strings.Replace(region, "//auth.", "//api.", 1)+"/v1")
		w.Token = cmp.Or(w.Token, region+"/"+cmp.Or(own, l.EnvironmentID)+"/as/token")
	}
	if own == "" || strings.EqualFold(own, l.EnvironmentID) {
		w.Token = cmp.Or(w.Token, base+"/token")
	}
	for key, text := range map[string]string{
		keyAPIURL: w.API, keyTokenURL: w.Token,
		keyEnvironmentID: l.EnvironmentID,
	} {
		switch {
		case text != "":
		case key == keyEnvironmentID:
			r.m.Add(r.d.workerAt, "%s has no environmentId, want it beside worker: baseUrl does not hold it", r.d.path)
		default:
			r.m.Add(r.d.workerAt, "%s.worker has no %s, want one: baseUrl of the target is on no domain of PingOne",
				r.d.path, key)
		}
	}
	return w
}

// problemOfEndpoint holds a URL of the management API to what a secret may be sent to.
func problemOfEndpoint(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || strings.ContainsAny(text, blanks) || !isPort(u.Port()):
		return "is not a URL, want one such as https://api.pingone.eu/v1"
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u)):
		return "is not https, want https: only " + onThisMachine + " may be reached without"
	case u.User != nil || strings.ContainsAny(text, "?#"):
		return "holds a user name, a query or a fragment, want none of them"
	}
	return ""
}
