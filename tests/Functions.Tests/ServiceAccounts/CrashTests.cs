using System.Diagnostics;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// Every call that making an account takes, to whichever service, goes wrong once in every way: the process dies just before or just after the call is carried out, its answer is lost, it is throttled, the
/// service is unavailable. Whatever happens, there is one account, and it gets its first key. What goes wrong later is <see cref="CrashMatrixTests"/>' subject.
/// </summary>
public abstract class CrashTests(string kind, ITestOutputHelper output)
{
    [Fact]
    public Task An_account_is_created_once_and_gets_its_first_key_whatever_call_goes_wrong() => ForEveryCall(async (app, misfortune, instance) =>
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var resourceId = kind == RotatedAccount.StorageAccountKeys ? await app.CreateStorageAccount() : null;
        var storageAccount = resourceId?.Split('/')[^1];
        var name = $"first-{Guid.NewGuid():N}";
        var accounts = $"/api/customers/{customerId}/service-accounts";

        await misfortune.Threaten(name, $"{customerId}|sva_[^/]*|secret:[^/]*", storageAccount);
        var answer = await Try(() => app.AdminAt(instance), accounts, RotatedAccount.Body(kind, resourceId, name));
        await misfortune.End();
        for (var attempt = 0; answer is not (201 or 409); attempt++)
        {
            attempt.Should().BeLessThan(5, "the answer was {0}", answer);
            // A claim that came to nothing is another's after a while.
            await app.Cloud.Advance(TimeSpan.FromMinutes(1));
            answer = (await app.Admin.Post(accounts, RotatedAccount.Body(kind, resourceId, name))).Status;
        }

        var created = (await app.Admin.Get(accounts)).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle().Subject!.AsObject();
        var account = new RotatedAccount(app, kind, customerId, resourceId, created);
        // A first key that was lost on the way is kept for an overlap.
        await account.RunTimerUntil("settle", "done");
        await account.ShouldHaveOneCurrentKey();
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await account.RunTimerUntil("done");
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    });

    private static async Task<int?> Try(Func<Task<Api>> caller, string path, object body)
    {
        try { return (await (await caller()).Post(path, body)).Status; }
        catch (HttpRequestException) { return null; }
    }

    private async Task ForEveryCall(Func<App, Misfortune, int, Task> test)
    {
        await using var app = await App.StartWithoutSchedules("--instances", "3");
        var (cells, watch) = (0, Stopwatch.StartNew());
        foreach (var (service, operation) in Misfortune.CallsOf(kind))
        {
            foreach (var what in Misfortune.All)
            {
                // One call later each time, until there is none any more.
                for (var (skip, happened) = (0, true); happened; skip++)
                {
                    var instance = await Running(app, cells);
                    var misfortune = new Misfortune(app, what, service, operation, skip, instance);
                    try { await test(app, misfortune, instance); }
                    catch (Exception e) { throw new InvalidOperationException($"{misfortune}: {e.Message}\n{app.Cloud.Errors()}", e); }
                    happened = await misfortune.End();
                    cells += happened ? 1 : 0;
                }
            }
        }
        output.WriteLine($"{cells} ways to go wrong, {watch.Elapsed.TotalSeconds:F0} s");
        cells.Should().BeGreaterThan(30, "otherwise the faults miss their calls");
    }

    /// <summary>Another instance each time, so that the host, which restarts one that keeps dying more slowly, finds each of them settled.</summary>
    private static async Task<int> Running(App app, int turn)
    {
        while (true)
        {
            var instances = await app.Cloud.Instances();
            for (var i = 0; i < instances.Count; i++)
            {
                var instance = (turn + i) % instances.Count;
                if ((string?)instances[instance]!["state"] == "running") { return instance; }
            }
            await Task.Delay(20);
        }
    }
}

public sealed class ApiCredentialCrashTests(ITestOutputHelper output) : CrashTests(RotatedAccount.ApiCredential, output);

public sealed class StorageAccountKeysCrashTests(ITestOutputHelper output) : CrashTests(RotatedAccount.StorageAccountKeys, output);
