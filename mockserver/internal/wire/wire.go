// Package wire holds what all parts of the replay read and write alike: the names of
// the handles, ids and tokens, the answers that PingOne gives outside any flow, the
// headers for pages of another origin, and a response in memory.
package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// MaxRequest bounds the body of a request.
const MaxRequest = 1 << 20

// The handles: what the client has to hand back. In a header the name is as
// net/http writes it.
const (
	IDHeader    = "Interactionid"
	IDCookie    = "interactionId"
	TokenHeader = "Interactiontoken"
	TokenCookie = "interactionToken"
)

// Handle reads an id or token that the client has to hand back: from the header,
// else from the cookie. Browsers send the word undefined for a value that they do
// not have.
func Handle(r *http.Request, header, cookie string) string {
	if v := r.Header[header]; len(v) > 0 && v[0] != "" && v[0] != "undefined" {
		return v[0]
	}
	if c, err := r.Cookie(cookie); err == nil {
		return c.Value
	}
	return ""
}

// UUID generates a random UUID of version 4.
func UUID() string {
	var b [16]byte
	read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var out [36]byte
	hex.Encode(out[:8], b[:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// TokenBytes is the length of an interactionToken before it is written in
// hexadecimal digits.
const TokenBytes = 128

// Token generates an interactionToken, which is 128 bytes in hexadecimal digits.
func Token() string {
	var b [TokenBytes]byte
	read(b[:])
	var out [2 * TokenBytes]byte
	hex.Encode(out[:], b[:])
	return string(out[:])
}

func read(b []byte) {
	_, _ = rand.Read(b) // crypto/rand never returns an error, it ends the program
}

// Secure reports whether the client came over TLS.
func Secure(r *http.Request) bool { return r.TLS != nil || r.URL.Scheme == "https" }

// SessionCookie returns one of the cookies of a session.
//
// Source: the cookies seen on the wire: ST has SameSite=None, ST-NO-SS is the copy
// without it.
func SessionCookie(name, value string, secure bool) *http.Cookie {
	//nolint:gosec // the attributes are the service's; Secure if there is TLS
	cookie := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: secure}
	if secure && name != "ST-NO-SS" {
		cookie.SameSite = http.SameSiteNoneMode
	}
	return cookie
}

// Failure is the body of an error that PingOne itself reports, outside any flow.
func Failure(code, message string) map[string]any {
	return map[string]any{"id": UUID(), "code": code, "message": message}
}

// Unauthorized is the body that answers a request whose interaction is unknown or
// has ended, or whose handles are missing or stale, with status 401.
//
// Source: the body with code 1999.
func Unauthorized() map[string]any {
	return map[string]any{
		"cause": nil, "logLevel": "error", "serviceName": nil, "message": "Unauthorized!",
		"errorMessage": "Unauthorized!", "success": false, "httpResponseCode": http.StatusUnauthorized, "code": 1999,
	}
}

// Encode writes a body as JSON and sets its content type. A body that cannot be
// written becomes a status of 500.
func Encode(w http.ResponseWriter, status int, body any) (int, []byte) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"code":"UNEXPECTED_ERROR"}`)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	return status, text
}

// JSON answers with a body as JSON.
func JSON(w http.ResponseWriter, status int, body any) {
	status, text := Encode(w, status, body)
	Write(w, status, text)
}

// Write sends an answer. An error means that the client has gone away, and is
// ignored.
func Write(w http.ResponseWriter, status int, text []byte) {
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(text))}
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// The headers that a browser has to be allowed to send.
//
// Source: what Ping's web SDK sends.
const (
	allowedHeaders = "authorization, content-type, interactionid, interactiontoken, " +
		"x-requested-platform, x-requested-with"
	allowedMethods = "GET, POST, OPTIONS"
)

// Allow lets a page of any origin read the answer, as an application whose
// origin is registered may. The origin is repeated and never a star, for
// answers carry cookies. It reports whether the request only asked for that.
func Allow(w http.ResponseWriter, r *http.Request) (done bool) {
	header := w.Header()
	header.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin != "" {
		header.Set("Access-Control-Allow-Origin", origin)
		header.Set("Access-Control-Allow-Credentials", "true")
	}
	if r.Method != http.MethodOptions {
		return false
	}
	if origin != "" && r.Header.Get("Access-Control-Request-Method") != "" {
		header.Set("Access-Control-Allow-Methods", allowedMethods)
		header.Set("Access-Control-Allow-Headers", allowedHeaders+requested(r))
		header.Set("Access-Control-Max-Age", "600")
	}
	header.Set("Allow", allowedMethods)
	w.WriteHeader(http.StatusNoContent)
	return true
}

// requested returns the headers that a page asks to send, each after a comma: an
// app may add its own. A star means nothing where credentials are sent.
func requested(r *http.Request) string {
	const most = 4 << 10
	var b strings.Builder
	asked := strings.Join(r.Header.Values("Access-Control-Request-Headers"), ",")
	if len(asked) > most {
		return ""
	}
	for name := range strings.SplitSeq(asked, ",") {
		odd := func(r rune) bool {
			letter := r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
			return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
		}
		if name = strings.TrimSpace(name); name != "" && !strings.ContainsFunc(name, odd) {
			b.WriteString(", " + name)
		}
	}
	return b.String()
}

// A Memory is a response that is kept in memory while it is written.
type Memory struct {
	Status int // 0 until it is written
	Head   http.Header
	Body   bytes.Buffer
}

// NewMemory returns an empty response.
func NewMemory() *Memory { return &Memory{Head: http.Header{}} }

// Header implements [http.ResponseWriter].
func (m *Memory) Header() http.Header { return m.Head }

// WriteHeader implements [http.ResponseWriter].
func (m *Memory) WriteHeader(status int) {
	if m.Status == 0 {
		m.Status = status
	}
}

// Write implements [http.ResponseWriter].
func (m *Memory) Write(p []byte) (int, error) {
	m.WriteHeader(http.StatusOK)
	return m.Body.Write(p)
}

// Response returns what was written as the response to r.
func (m *Memory) Response(r *http.Request) *http.Response {
	m.WriteHeader(http.StatusOK)
	return &http.Response{
		Status: strconv.Itoa(m.Status) + " " + http.StatusText(m.Status), StatusCode: m.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: m.Head, Body: io.NopCloser(bytes.NewReader(m.Body.Bytes())),
		ContentLength: int64(m.Body.Len()), Request: r,
	}
}
