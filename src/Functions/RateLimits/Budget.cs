namespace CustomerFunctions.RateLimits;

/// <summary>How many attempts are allowed in any window of a length.</summary>
/// <param name="Name">Its name in the <c>RateLimit</c> headers and in document ids.</param>
/// <param name="Limit">From one source.</param>
/// <param name="Total">From all sources together.</param>
/// <param name="Window">The length of the window; it slides.</param>
internal sealed record Budget(string Name, int Limit, int Total, TimeSpan Window)
{
    public Budget(string name, int limit, TimeSpan window)
        : this(name, limit, limit, window)
    {
    }
}

/// <summary>A budget that instances use up in blocks, so that most attempts ask nothing of the store.</summary>
/// <param name="Name">Its name in the <c>RateLimit</c> headers and in document ids.</param>
/// <param name="Limit">In any window, all instances together.</param>
/// <param name="Window">The length of the window; it slides.</param>
/// <param name="Block">How many permits an instance takes in one go.</param>
internal sealed record LeasedBudget(string Name, int Limit, TimeSpan Window, int Block)
{
    /// <summary>How long an instance may use what it has taken.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>The blocks as attempts. One counts for a lease longer than the window, because its permits may be used until the lease ends.</summary>
    public Budget Blocks { get; } = new(Name, Limit / Block, Window + Lease);
}

/// <summary>Every budget for attempts, in one place. Sources of the figures: docs/limits.md.</summary>
internal static class Budgets
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    /// <summary>Failed sign-ins of one identifier: five from one address, ten from all.</summary>
    public static readonly Budget SignIn = new("login", 5, 10, Quarter);

    /// <summary>Failed sign-ins from one address, whoever's.</summary>
    public static readonly LeasedBudget SignInAddress = new("login-address", 100, Quarter, 10);

    /// <summary>Wrong second-factor codes of one account: a six-digit code is guessed once in three years at this pace.</summary>
    public static readonly Budget SecondFactor = new("second-factor", 5, Quarter);

    /// <summary>Tries of one mailed link, in the longest time that one is good: each costs a read, and some a password hash.</summary>
    public static readonly Budget Link = new("link", 10, TimeSpan.FromHours(48));

    /// <summary>Tries to change the password of one account, from wherever: a session that was taken is no way to guess it.</summary>
    public static readonly Budget CurrentPassword = new("current-password", 10, Quarter);

    /// <summary>Mails that anybody can have sent to one address: password resets, confirmations.</summary>
    public static readonly Budget Mail = new("mail", 3, 5, TimeSpan.FromHours(1));

    /// <summary>New accounts from one address.</summary>
    public static readonly LeasedBudget Registration = new("registration", 50, TimeSpan.FromHours(1), 5);
}
