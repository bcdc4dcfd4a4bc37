package users

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidwall/gjson"

	"flowtest/steps/generated"
)

// The types of device that flowtest creates.
const (
	TOTP  = "TOTP"
	Email = "EMAIL"
)

const active = "ACTIVE"

// AddTOTP gives a user of this run an authenticator app, and returns the key from which
// its codes are computed: an otpauth URL or a secret. The code that activates it comes
// from codes, so that no other step uses the same one.
func (d *Directory) AddTOTP(ctx context.Context, u *User, codes func(context.Context, *generated.Key) (string, error),
) (string, error) {
	device, err := d.add(ctx, u, map[string]any{"type": TOTP})
	if err != nil {
		return "", err
	}
	from := device.Get("keyUri").Str
	if from == "" {
		from = device.Get("secret").Str
	}
	d.known.Add(from, device.Get("secret").Str)
	key, err := generated.ParseKey(from)
	if err != nil {
		return "", fmt.Errorf("the answer to the new TOTP device has no key: %w", err)
	}
	d.known.Add(key.Secret())
	if device.Get("status").Str == active {
		return from, nil
	}
	code, err := codes(ctx, key)
	if err != nil {
		return "", err
	}
	return from, d.activate(ctx, u, device, code)
}

// AddEmail gives a user of this run an email device. If PingOne does not trust the address, it
// sends a message; code returns the code in it.
func (d *Directory) AddEmail(ctx context.Context, u *User, address string, code func(context.Context) (string, error),
) error {
	device, err := d.add(ctx, u, map[string]any{"type": Email, "email": address})
	if err != nil || device.Get("status").Str == active {
		return err
	}
	text, err := code(ctx)
	if err != nil {
		return fmt.Errorf("the new email device waits for a code: %w", err)
	}
	return d.activate(ctx, u, device, text)
}

func (d *Directory) add(ctx context.Context, u *User, body map[string]any) (gjson.Result, error) {
	if err := d.own(ctx, u); err != nil {
		return gjson.Result{}, err
	}
	device, err := d.client.Write(ctx, http.MethodPost, "/users/"+u.ID+"/devices", "", body)
	if err == nil && device.Get("id").Str == "" {
		err = errors.New("the answer to POST …/devices has no id")
	}
	return device, explain(err)
}

func (d *Directory) activate(ctx context.Context, u *User, device gjson.Result, code string) error {
	d.known.Add(code)
	_, err := d.client.Write(ctx, http.MethodPost, "/users/"+u.ID+"/devices/"+device.Get("id").Str,
		"application/vnd.pingidentity.device.activate+json", map[string]any{"otp": code})
	return explain(err)
}

// Devices returns the MFA devices of a user.
func (d *Directory) Devices(ctx context.Context, id string) ([]gjson.Result, error) {
	list, err := d.client.Items(ctx, "/users/"+id+"/devices", "devices")
	return list, explain(err)
}
