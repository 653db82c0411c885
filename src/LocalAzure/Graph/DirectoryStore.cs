using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using LocalAzure.State;

namespace LocalAzure.Graph;

/// <summary>The tenant's applications and service principals; every change is in the journal before it is visible.</summary>
internal sealed class DirectoryStore : IDisposable
{
    private const int CompactAbove = 1000;

    /// <summary>The directory's own limits: two for applications of personal accounts, and what fits into one object.</summary>
    private const int MostPersonalPasswords = 2;
    private const int MostPasswords = 600;

    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromDays(730);

    private readonly Dictionary<string, Application> applications = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ServicePrincipal> principals = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Journal<DirectoryChange> journal;

    public DirectoryStore(string journalPath, TimeProvider clock)
    {
        this.clock = clock;
        journal = Journal<DirectoryChange>.Open(journalPath, DirectoryJson.Default.DirectoryChange, Apply);
        if (journal.Count > CompactAbove + (2 * (applications.Count + principals.Count))) { journal.Replace([.. Snapshot()]); }
    }

    public IReadOnlyList<Application> Applications()
    {
        lock (gate) { return [.. applications.Values.OrderBy(application => application.Created)]; }
    }

    public IReadOnlyList<ServicePrincipal> Principals()
    {
        lock (gate) { return [.. principals.Values]; }
    }

    public Application Find(DirectoryKey key)
    {
        lock (gate) { return key.Pick(applications, application => application.AppId) ?? throw GraphRefusal.NotFound(key.Value); }
    }

    public ServicePrincipal FindPrincipal(DirectoryKey key)
    {
        lock (gate) { return key.Pick(principals, principal => principal.AppId) ?? throw GraphRefusal.NotFound(key.Value); }
    }

    public Application Create(JsonObject body)
    {
        var application = new Application(NewId(), NewId(), clock.GetUtcNow(), body, []);
        lock (gate) { Commit(new DirectoryChange.ApplicationWritten(application)); }
        return application;
    }

    public void Change(DirectoryKey key, JsonObject body)
    {
        lock (gate)
        {
            var application = Find(key);
            Commit(new DirectoryChange.ApplicationWritten(application with { Body = Merged(application.Body, body) }));
        }
    }

    /// <summary>With its service principal, as the directory does it in the application's own tenant.</summary>
    public void Delete(DirectoryKey key)
    {
        lock (gate)
        {
            var application = Find(key);
            if (principals.Values.FirstOrDefault(principal => Same(principal.AppId, application.AppId)) is { } principal) { Commit(new DirectoryChange.Removed(principal.Id)); }
            Commit(new DirectoryChange.Removed(application.Id));
        }
    }

    /// <summary>Adds a password; its text is in the answer and nowhere else.</summary>
    public (Password Password, string Secret) AddPassword(DirectoryKey key, string? displayName, DateTimeOffset? start, DateTimeOffset? end)
    {
        lock (gate)
        {
            var application = Find(key);
            if (application.IsForPersonalAccounts && application.Passwords.Count >= MostPersonalPasswords) { throw GraphRefusal.TooManyPasswords(MostPersonalPasswords); }
            if (application.Passwords.Count >= MostPasswords) { throw GraphRefusal.TooLarge(); }
            var now = clock.GetUtcNow();
            var (from, until) = (start ?? now, end ?? now + DefaultLifetime);
            if (until <= from || until <= now) { throw GraphRefusal.BadRequest("Key credential end date is invalid."); }
            // Forty characters of which the first three are the hint, as the directory makes them.
            var secret = $"{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 3)}8Q~{RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", 34)}";
            var password = new Password(NewId(), displayName, secret[..3], HashOf(secret), from, until, now);
            Commit(new DirectoryChange.ApplicationWritten(application with { Passwords = [.. application.Passwords, password] }));
            return (password, secret);
        }
    }

    public void RemovePassword(DirectoryKey key, string keyId)
    {
        lock (gate)
        {
            var application = Find(key);
            var password = application.Passwords.FirstOrDefault(known => Same(known.KeyId, keyId)) ?? throw GraphRefusal.NoPassword(keyId);
            Commit(new DirectoryChange.ApplicationWritten(application with { Passwords = [.. application.Passwords.Where(other => other != password)] }));
        }
    }

    public ServicePrincipal CreatePrincipal(string appId, bool enabled, JsonObject body)
    {
        lock (gate)
        {
            if (!applications.Values.Any(application => Same(application.AppId, appId))) { throw GraphRefusal.NoBackingApplication(appId); }
            if (principals.Values.Any(other => Same(other.AppId, appId))) { throw GraphRefusal.PrincipalExists(appId); }
            var principal = new ServicePrincipal(NewId(), appId, enabled, body, clock.GetUtcNow());
            Commit(new DirectoryChange.PrincipalWritten(principal));
            return principal;
        }
    }

    public void ChangePrincipal(DirectoryKey key, bool? enabled, JsonObject body)
    {
        lock (gate)
        {
            var principal = FindPrincipal(key);
            Commit(new DirectoryChange.PrincipalWritten(principal with { AccountEnabled = enabled ?? principal.AccountEnabled, Body = Merged(principal.Body, body) }));
        }
    }

    public void DeletePrincipal(DirectoryKey key)
    {
        lock (gate) { Commit(new DirectoryChange.Removed(FindPrincipal(key).Id)); }
    }

    /// <summary>The application's password with this text; takes the same time whatever differs.</summary>
    public static Password? Recognise(Application application, string secret)
    {
        var hash = Encoding.ASCII.GetBytes(HashOf(secret));
        return application.Passwords.FirstOrDefault(password => CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(password.Hash)));
    }

    public void Dispose() => journal.Dispose();

    private void Commit(DirectoryChange change)
    {
        journal.Append(change);
        Apply(change);
    }

    private void Apply(DirectoryChange change)
    {
        switch (change)
        {
            case DirectoryChange.ApplicationWritten { Application: var application }: applications[application.Id] = application; break;
            case DirectoryChange.PrincipalWritten { Principal: var principal }: principals[principal.Id] = principal; break;
            case DirectoryChange.Removed { Id: var id }: applications.Remove(id); principals.Remove(id); break;
        }
    }

    private IEnumerable<DirectoryChange> Snapshot() =>
        applications.Values.Select(application => (DirectoryChange)new DirectoryChange.ApplicationWritten(application))
            .Concat(principals.Values.Select(principal => new DirectoryChange.PrincipalWritten(principal)));

    private static JsonObject Merged(JsonObject before, JsonObject change)
    {
        var merged = (JsonObject)before.DeepClone();
        foreach (var (name, value) in change) { merged[name] = value?.DeepClone(); }
        return merged;
    }

    private static string HashOf(string secret) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static string NewId() => Guid.NewGuid().ToString();

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

/// <summary>How a request names an object: by its own id, or by the application's (<c>applications(appId='…')</c>).</summary>
internal readonly record struct DirectoryKey(string Value, bool IsAppId)
{
    public T? Pick<T>(Dictionary<string, T> byId, Func<T, string> appId)
        where T : class
    {
        var value = Value;
        return IsAppId ? byId.Values.FirstOrDefault(item => string.Equals(appId(item), value, StringComparison.OrdinalIgnoreCase)) : byId.GetValueOrDefault(Value);
    }
}
