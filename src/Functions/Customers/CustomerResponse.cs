using System.Text.Json.Nodes;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.WhatIf;

namespace CustomerFunctions.Customers;

/// <summary>A trial as callers see it.</summary>
public sealed record TrialResponse(TrialStatus Status, DateTimeOffset StartedAt, DateTimeOffset EndsAt, DateTimeOffset? EndedAt, int UnitsLimit, int UnitsUsed);

/// <summary>A subscription as callers see it; <c>status</c> has Stripe's eight names.</summary>
/// <param name="PlanId">The plan.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="AutoRenew">Whether another period follows the one under way.</param>
public sealed record SubscriptionResponse(string PlanId, SubscriptionStatus Status, DateTimeOffset StartedAt, bool AutoRenew)
{
    /// <summary>When the period under way ends: with a renewal, or with the subscription.</summary>
    public DateTimeOffset? RenewalAt { get; init; }

    /// <summary>The plan that begins with the next period.</summary>
    public string? NextPlanId { get; init; }

    public DateTimeOffset? CanceledAt { get; init; }

    public string? PaymentMethod { get; init; }

    public DateTimeOffset? PaymentMethodAddedAt { get; init; }

    public string? StripeCustomerId { get; init; }

    /// <summary>Since when a payment is missing.</summary>
    public DateTimeOffset? PastDueSince { get; init; }

    /// <summary>When the missing payment suspends the customer.</summary>
    public DateTimeOffset? GraceEndsAt { get; init; }

    /// <summary>Of a change of plan: what the customer has more of than the new plan allows. It keeps it and gets no more.</summary>
    public IReadOnlyList<Effect>? Over { get; init; }

    internal static SubscriptionResponse From(Subscription of) => new(of.PlanId, of.Status, of.StartedAt, of.RenewalAt is not null && !of.CancelAtPeriodEnd)
    {
        RenewalAt = of.RenewalAt,
        NextPlanId = of.NextPlanId,
        CanceledAt = of.CanceledAt,
        PaymentMethod = of.PaymentMethod,
        PaymentMethodAddedAt = of.PaymentMethodAddedAt,
        StripeCustomerId = of.StripeCustomerId,
        PastDueSince = of.PastDueSince,
        GraceEndsAt = of.GraceEndsAt,
    };
}

/// <summary>
/// Who vouches for a customer's email address: owner, staff, or whoever has opened the link that was mailed to it.
/// </summary>
public sealed record EmailProofResponse(EmailProofBy By, DateTimeOffset At);

/// <summary>A customer as callers see it.</summary>
public sealed record CustomerResponse
{
    public required string Id { get; init; }

    /// <summary>Send it as If-Match with a change.</summary>
    public required string Etag { get; init; }

    public required string Name { get; init; }

    public required string Slug { get; init; }

    public required string Email { get; init; }

    /// <summary>Absent while nobody vouches for the address; then nobody joins the customer by it.</summary>
    public EmailProofResponse? EmailProof { get; init; }

    public string? DisplayName { get; init; }

    public string? Description { get; init; }

    public string? CompanyName { get; init; }

    public string? Phone { get; init; }

    public PostalAddress? Address { get; init; }

    public string? LogoUrl { get; init; }

    public string? GithubOrg { get; init; }

    public JsonObject? Settings { get; init; }

    public IReadOnlyDictionary<string, string?>? Metadata { get; init; }

    public CustomerContacts? Contacts { get; init; }

    public required CustomerStatus Status { get; init; }

    /// <summary>Why it is suspended; empty when it is not.</summary>
    public required IReadOnlyList<Hold> Holds { get; init; }

    /// <summary>What is known of the holds: reason, instant, and who placed it.</summary>
    public required IReadOnlyList<HoldNote> HoldNotes { get; init; }

    public required string Plan { get; init; }

    public required TrialResponse Trial { get; init; }

    public required SubscriptionResponse Subscription { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string UpdatedBy { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    internal static CustomerResponse From(Stored<Customer> stored)
    {
        var customer = stored.Value;
        var fields = customer.Fields;
        var trial = customer.Trial;
        return new CustomerResponse
        {
            Id = customer.Id,
            Etag = stored.ETag,
            Name = customer.Name,
            Slug = customer.Slug,
            Email = customer.Email,
            EmailProof = EmailProofs.Of(customer) is { } proof ? new EmailProofResponse(proof.By, proof.At) : null,
            DisplayName = fields.DisplayName,
            Description = fields.Description,
            CompanyName = fields.CompanyName,
            Phone = fields.Phone,
            Address = fields.Address,
            LogoUrl = fields.LogoUrl,
            GithubOrg = fields.GithubOrg,
            Settings = fields.Settings,
            Metadata = fields.Metadata,
            Contacts = fields.Contacts,
            Status = customer.Status,
            Holds = customer.Holds,
            HoldNotes = customer.HoldNotes,
            Plan = customer.Plan,
            Trial = new TrialResponse(trial.Status, trial.StartedAt, trial.EndsAt, trial.EndedAt, trial.UnitsLimit, trial.UnitsUsed),
            Subscription = SubscriptionResponse.From(customer.Subscription),
            CreatedAt = customer.CreatedAt,
            CreatedBy = customer.CreatedBy,
            UpdatedAt = customer.UpdatedAt,
            UpdatedBy = customer.UpdatedBy,
            DeletedAt = customer.DeletedAt,
        };
    }
}
