using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Stripe;

/// <summary>One way through Stripe's list of events, which begins with the newest.</summary>
/// <param name="StartedAt">When it began: it has everything that there was then.</param>
/// <param name="From">How far back it goes.</param>
/// <param name="After">The event that it has come to; null at the beginning.</param>
/// <param name="HasFailures">Whether an event on the way could not be taken: then all has to be asked for again.</param>
internal sealed record StripePass(DateTimeOffset StartedAt, DateTimeOffset From, string? After = null, bool HasFailures = false);

/// <summary>How far Stripe has been asked for its events. Without it, all is asked for that Stripe still has.</summary>
internal sealed record StripePosition : Document
{
    public const string DocumentType = "stripePosition";
    public const string TheId = "stripe-position";

    /// <summary>So far back Stripe lists its events (docs.stripe.com/api/events/list).</summary>
    public static readonly TimeSpan Listed = TimeSpan.FromDays(30);

    /// <summary>An event may appear in the list some seconds after the instant that it bears, as others have seen; and Stripe's clock is not ours.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    /// <summary>Everything that Stripe has said until then is taken.</summary>
    public DateTimeOffset? TakenUntil { get; init; }

    /// <summary>The pass that is under way.</summary>
    public StripePass? Pass { get; init; }

    public static StripePosition New => new() { Id = TheId, Type = DocumentType };

    public StripePass NewPass(DateTimeOffset now) => new(now, TakenUntil - Overlap is { } from && from > now - Listed ? from : now - Listed);

    /// <summary>Whether something may have been said since then that Stripe does not list any more.</summary>
    public bool IsOutOfReach(DateTimeOffset now) => TakenUntil < now - Listed;

    /// <summary>The position when a page of the pass is dealt with. Only one that was whole counts.</summary>
    public StripePosition With(StripePass pass, bool isOver) => (isOver, pass.HasFailures) switch
    {
        (false, _) => this with { Pass = pass },
        (true, true) => this with { Pass = null },
        _ => this with { Pass = null, TakenUntil = pass.StartedAt },
    };
}
