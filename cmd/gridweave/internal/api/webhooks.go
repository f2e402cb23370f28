package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/gridweave/gridweave/geo"
	"github.com/gridweave/gridweave/geo/civic/fault"
	"github.com/gridweave/gridweave/geo/civic/webhook"
)

// Webhook is another system that is told what happens.
type Webhook struct {
	ID        int64      `json:"id"`
	Area      geo.Code   `json:"area" doc:"What happens here is told."`
	Topics    []string   `json:"topics"`
	URL       string     `json:"url" doc:"Where CloudEvents are posted: gridweave.TOPIC.KIND, and gridweave.resync where something may be missing: ask for the present of the topics that its data names then."`
	Label     string     `json:"label"`
	CreatedAt time.Time  `json:"created_at"`
	PausedAt  *time.Time `json:"paused_at,omitempty" doc:"Since when deliveries wait."`
	Waiting   int        `json:"waiting" doc:"Deliveries that are on their way or wait."`
	Dead      int        `json:"dead" doc:"Deliveries that were refused too often."`
	Lost      int64      `json:"lost" doc:"Deliveries that were let go, since too many waited; the receiver was told by gridweave.resync."`
	LostAt    *time.Time `json:"lost_at,omitempty" doc:"When that was last."`
}

// NewWebhook is a webhook with its secret.
type NewWebhook struct {
	Webhook
	Secret string `json:"secret" doc:"Deliveries are signed with it: X-Gridweave-Signature is t=SECONDS,v1=HEX, HMAC-SHA256 of the seconds, a dot and the body. It is told this once."`
}

// WebhookDelivery is one event for one webhook.
type WebhookDelivery struct {
	ID         int64           `json:"id"`
	State      webhook.State   `json:"state" enum:"waiting,delivered,dead" doc:"Dead: refused too often. Delivered ones are known for a day."`
	Event      json.RawMessage `json:"event" doc:"The CloudEvent."`
	Attempts   int             `json:"attempts"`
	Error      string          `json:"error,omitempty" doc:"Of the last attempt."`
	CreatedAt  time.Time       `json:"created_at"`
	NextAt     *time.Time      `json:"next_attempt_at,omitempty"`
	FinishedAt *time.Time      `json:"finished_at,omitempty"`
}

type webhookAPI struct{ d Deps }

func registerWebhooks(api huma.API, d Deps) {
	w := webhookAPI{d}
	const one = "/api/v1/webhooks/{id}"
	get(api, "listWebhooks", "/api/v1/webhooks", "Webhooks of the caller's area", "webhooks", w.list)
	post(api, "addWebhook", "/api/v1/webhooks", "Have another system told what happens", "webhooks", http.StatusCreated, w.add)
	get(api, "getWebhook", one, "One webhook", "webhooks", w.one)
	huma.Register(api, huma.Operation{
		OperationID: "removeWebhook", Method: http.MethodDelete, Path: one, Summary: "End a webhook", Tags: []string{"webhooks"},
		DefaultStatus: http.StatusNoContent, Security: needsAccount(),
	}, w.remove)
	post(api, "pauseWebhook", one+"/pause", "Have deliveries wait", "webhooks", http.StatusOK, w.pause)
	post(api, "resumeWebhook", one+"/resume", "Have everything go that waited", "webhooks", http.StatusOK, w.resume)
	get(api, "webhookDeliveries", one+"/deliveries", "Deliveries, newest first", "webhooks", w.deliveries)
	post(api, "retryDeadLetters", one+"/retry", "Try all dead letters again", "webhooks", http.StatusOK, w.retry)
	post(api, "retryDelivery", one+"/deliveries/{delivery}/retry", "Try a dead letter again", "webhooks", http.StatusOK, w.retryOne)
}

func showWebhook(w webhook.Webhook) Webhook {
	return Webhook{
		ID: w.ID, Area: w.Code, Topics: w.Topics, URL: w.URL, Label: w.Label, CreatedAt: w.CreatedAt, PausedAt: w.PausedAt,
		Waiting: w.Waiting, Dead: w.Dead, Lost: w.Lost, LostAt: w.LostAt,
	}
}

func showDelivery(d webhook.Delivery) WebhookDelivery {
	return WebhookDelivery{
		ID: d.ID, State: d.State, Event: d.Event, Attempts: d.Attempts, Error: d.Error, CreatedAt: d.CreatedAt, NextAt: d.NextAt,
		FinishedAt: d.FinishedAt,
	}
}

func (w webhookAPI) list(ctx context.Context, in *struct{ Page }) (*listOutput[Webhook], error) {
	after, err := in.number()
	if err != nil {
		return nil, err
	}
	all, err := w.d.Webhooks.List(ctx, actorOf(ctx), webhook.Filter{After: after, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return answerPage(in.Page, all, func(h webhook.Webhook) string { return strconv.FormatInt(h.ID, 10) }, showWebhook), nil
}

type addWebhookInput struct {
	Body struct {
		Area   string   `json:"area" doc:"Code of an area within the caller's."`
		Topics []string `json:"topics" minItems:"1" doc:"What is told, as on the stream."`
		URL    string   `json:"url" maxLength:"2000" doc:"http or https, without a password."`
		Label  string   `json:"label,omitempty" maxLength:"200"`
	}
}

func (w webhookAPI) add(ctx context.Context, in *addWebhookInput) (*written[NewWebhook], error) {
	area, err := geo.ParseCode(in.Body.Area)
	if err != nil {
		return nil, fault.InvalidField("request.code", "area", err)
	}
	made, pos, err := w.d.Webhooks.Add(ctx, actorOf(ctx), webhook.New{
		Code: area, Topics: in.Body.Topics, URL: in.Body.URL, Label: in.Body.Label,
	})
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, NewWebhook{Webhook: showWebhook(made.Webhook), Secret: made.Secret}), nil
}

type webhookOutput struct{ Body Webhook }

func (w webhookAPI) one(ctx context.Context, in *IDInput) (*webhookOutput, error) {
	h, err := w.d.Webhooks.Get(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &webhookOutput{Body: showWebhook(h)}, nil
}

type removedOutput struct {
	Position string `header:"X-Position" doc:"A position in the database's log that includes the write."`
}

func (w webhookAPI) remove(ctx context.Context, in *IDInput) (*removedOutput, error) {
	pos, err := w.d.Webhooks.Remove(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &removedOutput{Position: pos.String()}, nil
}

func (w webhookAPI) pause(ctx context.Context, in *IDInput) (*written[Webhook], error) {
	h, pos, err := w.d.Webhooks.Pause(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, showWebhook(h)), nil
}

func (w webhookAPI) resume(ctx context.Context, in *IDInput) (*written[Webhook], error) {
	h, pos, err := w.d.Webhooks.Resume(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, showWebhook(h)), nil
}

type deliveriesInput struct {
	Page
	IDInput
	State string `query:"state" enum:"waiting,delivered,dead"`
}

func (w webhookAPI) deliveries(ctx context.Context, in *deliveriesInput) (*listOutput[WebhookDelivery], error) {
	before, err := in.number()
	if err != nil {
		return nil, err
	}
	all, err := w.d.Webhooks.Deliveries(ctx, actorOf(ctx), in.ID, webhook.Filter{
		State: webhook.State(in.State), After: before, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, err
	}
	return answerPage(in.Page, all, func(d webhook.Delivery) string { return strconv.FormatInt(d.ID, 10) }, showDelivery), nil
}

type retriedBody struct {
	Retried int64 `json:"retried" doc:"How many dead letters there were."`
}

func (w webhookAPI) retry(ctx context.Context, in *IDInput) (*written[retriedBody], error) {
	n, pos, err := w.d.Webhooks.Retry(ctx, actorOf(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, retriedBody{n}), nil
}

type retryInput struct {
	IDInput
	Delivery int64 `path:"delivery" minimum:"1"`
}

func (w webhookAPI) retryOne(ctx context.Context, in *retryInput) (*written[WebhookDelivery], error) {
	d, pos, err := w.d.Webhooks.RetryOne(ctx, actorOf(ctx), in.ID, in.Delivery)
	if err != nil {
		return nil, err
	}
	return answerWrite(pos, showDelivery(d)), nil
}
