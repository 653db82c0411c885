using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>
/// One run of a scenario along one schedule. One activity runs at a time, on the thread that runs the world: it goes on until it has made an outside call or waits for the clock, and the schedule says what
/// becomes of each call. What the schedule is silent about goes well: whoever began last goes on to its end, and the clock moves when everybody waits.
/// </summary>
internal sealed class World
{
    /// <summary>How late a request may arrive, and for how long an instance may stand still.</summary>
    public static readonly TimeSpan Latest = TimeSpan.FromMinutes(9);

    /// <summary>How often timers look.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMinutes(5);

    /// <summary>When an operator tries again what was refused.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(130);

    private const int MostAttempts = 8;
    private const int MostCalls = 600;

    private readonly Cluster cluster;
    private readonly Scenario scenario;
    private readonly Dictionary<int, Decision> decisions;
    private readonly DateTimeOffset start;
    private readonly DateTimeOffset end;
    private readonly List<Activity> activities = [];
    private readonly List<(Call Call, int Point, DateTimeOffset At, int Sent)> late = [];
    private readonly List<(Instance Instance, Activity Activity, int Point, DateTimeOffset At, int Sent)> frozen = [];
    private readonly List<string>? trace;
    private readonly Dictionary<string, string> names = [];
    private readonly int thread = Environment.CurrentManagedThreadId;
    private readonly Func<string, bool>? isKnown;
    private readonly int lastDecision;
    private int point;
    private int next;
    private int attempts;
    private DateTimeOffset nextAt;
    private Activity? acting;
    private DateTimeOffset lastTick;

    /// <summary>See <see cref="Scenario.PutsBackUnclaimed"/>.</summary>
    public bool PutsBackUnclaimed => scenario.PutsBackUnclaimed;

    public World(Cluster cluster, Scenario scenario, CloudState state, DateTimeOffset start, IReadOnlyList<Decision> decisions, bool isTraced = false, Func<string, bool>? isKnown = null)
    {
        this.isKnown = isKnown;
        lastDecision = decisions.Count == 0 ? -1 : decisions[^1].Point;
        (this.cluster, this.scenario, this.start) = (cluster, scenario, start);
        this.decisions = decisions.ToDictionary(decision => decision.Point);
        (State, Now, end, lastTick) = (state.Copy(), start, start + scenario.Length, start - Tick);
        nextAt = scenario.Actions.Count == 0 ? DateTimeOffset.MaxValue : start + scenario.Actions[0].After;
        trace = isTraced ? [] : null;
        cluster.World = this;
        foreach (var instance in cluster.All) { instance.IsFrozen = false; }
        Promises = new Promises(this, scenario, decisions.Any(decision => decision.Deviation is Deviation.Late or Deviation.Freeze));
    }

    public CloudState State { get; }

    public DateTimeOffset Now { get; private set; }

    /// <summary>Whose code runs just now.</summary>
    public Activity? Running { get; private set; }

    public List<WorldTimer> Timers { get; } = [];

    public Promises Promises { get; }

    public List<ChoicePoint> Points { get; } = [];

    /// <summary>Before so many calls the request that was late, or the instance that was frozen by the last decision, came to; 0 where that was not seen.</summary>
    public int ArrivedAfter { get; private set; }

    /// <summary>Whether it has come to where another run was, with as many deviations left.</summary>
    public bool IsKnown { get; private set; }

    public bool IsTraced => trace is not null;

    public IReadOnlyList<string> Trace => trace ?? [];

    /// <summary>The customer, as the guard reads it for a request.</summary>
    public CustomerInPath Customer
    {
        get
        {
            var stored = State.Documents["customers/" + Cluster.CustomerId];
            return new CustomerInPath(new Stored<Customer>(JsonSerializer.Deserialize(stored.Json, StoreJson.Default.Customer)!, stored.ETag), TimeSpan.Zero);
        }
    }

    /// <summary>Runs it to the end; returns the state.</summary>
    public void Run()
    {
        Promises.Check();
        while (Promises.Broken is null)
        {
            Arrive();
            if (activities.LastOrDefault(activity => activity.IsRunnable) is { } top) { Choose(top); }
            else if (!MoveOn()) { break; }
        }
        if (Promises.Broken is null && !IsKnown) { Promises.CheckEnd(); }
        if (Promises.Broken is { } broken) { Say($"VIOLATED {broken}"); }
    }

    /// <summary>Makes an outside call: its answer is the world's to give.</summary>
    public Task<T> Send<T>(string name, bool changes, Func<(T Answer, string Said)> effect, Func<T> refusal, Func<Exception> silence, CancellationToken cancellation)
    {
        // An activity of an earlier run, which died there, and which a timer of the SDK's has woken on another thread. It stays dead.
        if (Environment.CurrentManagedThreadId != thread) { return new TaskCompletionSource<T>().Task; }
        if (cancellation.IsCancellationRequested) { return Task.FromCanceled<T>(cancellation); }
        var activity = Running ?? throw new InvalidOperationException($"{name} was called by nobody.");
        var call = new Call<T>(name, changes, effect, refusal, silence);
        activity.Pending = call;
        if (cancellation.CanBeCanceled)
        {
            cancellation.Register(() =>
            {
                if (activity.Pending != call || Environment.CurrentManagedThreadId != thread) { return; }
                activity.Pending = null;
                Say($"{activity.Name}  {name}  cut off");
                call.Cancel(cancellation);
            });
        }
        return call.Task;
    }

    /// <summary>The name of a credential in the trace.</summary>
    public string NameOf(string value)
    {
        if (trace is null) { return ""; }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
        var id = State.Account?.Keys.FirstOrDefault(key => key.Hash == hash)?.Id
            ?? State.Passwords.FirstOrDefault(password => password.Value == value)?.DisplayName
            ?? State.Secrets.Values.SelectMany(secret => secret.Versions).FirstOrDefault(version => version.Value == value)?.Tags.GetValueOrDefault("keyId");
        return id is null ? "a key" : KeyName(id);
    }

    /// <summary>The account in a line of the trace.</summary>
    public string Describe(ServiceAccount account)
    {
        var keys = string.Join(" ", account.Keys.Select(key => $"{KeyName(key.Id)}:{key.State.ToString().ToLowerInvariant()}{(key.LeakedAt is null ? "" : "!")}{(key.Slot is null ? "" : "/" + key.Slot)}"));
        var more = new StringBuilder();
        if (account.LeasedUntil > Now) { more.Append(" leased"); }
        if (account.Suspension is not null) { more.Append(" suspended"); }
        if (account.Withdrawal is not null) { more.Append(" withdrawn"); }
        if (account.Deletion is not null) { more.Append(" deleting"); }
        if (account.Lifecycle?.LeasedUntil > Now) { more.Append(" settling"); }
        if (account.Migration is { } migration) { more.Append(CultureInfo.InvariantCulture, $" migration:{migration.Step}"); }
        if (account.Rotation.LastFailure is { } failure) { more.Append(CultureInfo.InvariantCulture, $" failed({account.Rotation.Attempts}): {failure.Reason}"); }
        return $"{account.Rotation.Trigger.ToString().ToLowerInvariant()}/{account.Rotation.Step.ToString().ToLowerInvariant()} {keys}{more}";
    }

    public void Say(string line) => trace?.Add(string.Create(CultureInfo.InvariantCulture, $"{Now - start:d\\.hh\\:mm\\:ss}  {line}"));

    private string KeyName(string id)
    {
        if (!names.TryGetValue(id, out var name)) { names[id] = name = string.Create(CultureInfo.InvariantCulture, $"k{names.Count + 1}"); }
        return name;
    }

    private void Begin(string name, Instance instance, Func<CancellationToken, Task> work, OperatorAction? action = null)
    {
        var activity = new Activity(name, instance, action);
        activities.Add(activity);
        Say($"{activity.Name} begins");
        Within(activity, () => activity.Work = work(CancellationToken.None));
        Tidy(activity);
    }

    private void Within(Activity? activity, Action what)
    {
        var before = Running;
        Running = activity;
        what();
        Running = before;
    }

    private void Tidy(Activity activity)
    {
        if (!activity.Work.IsCompleted) { return; }
        activities.Remove(activity);
        if (activity.Work.IsFaulted) { Promises.Break("works", $"{activity.Name} threw {activity.Work.Exception!.InnerException}"); }
    }

    /// <summary>The call at hand, or what the schedule wants before it.</summary>
    private void Choose(Activity top)
    {
        var call = top.Pending!;
        if (point >= MostCalls) { Promises.Break("ends", $"{MostCalls} calls were not enough"); return; }
        var number = point++;
        var others = activities.Where(activity => activity.IsRunnable && activity != top).ToList();
        var free = cluster.All.FirstOrDefault(instance => !instance.IsFrozen && activities.All(activity => activity.Instance != instance));
        var account = State.Account;
        Points.Add(new ChoicePoint(
            call.Changes, free is not null && acting is null && next < scenario.Actions.Count,
            free is not null && account is { } rotating && rotating.WorkDueAt <= Now, free is not null && account is { } settling && settling.LifecycleDueAt <= Now, others.Count));
        if (!decisions.TryGetValue(number, out var decision)) { CarryOut(top, call, number); return; }
        var later = decision.Parameter > 0 ? number + decision.Parameter : int.MaxValue;
        switch (decision.Deviation)
        {
            case Deviation.Refused:
                Say($"#{number} {top.Name}  {call.Name}  503");
                Resume(top, () => call.Fail(isRefused: true));
                break;
            case Deviation.Lost:
                Say($"#{number} {top.Name}  {call.Name}  {call.CarryOut()}, and the answer is lost");
                Promises.Check();
                Resume(top, () => call.Fail(isRefused: false));
                break;
            case Deviation.Crash:
                Say($"#{number} {top.Name}  {call.Name}  {call.CarryOut()}, and {top.Instance.Name} dies");
                Promises.Check();
                foreach (var dead in activities.Where(activity => activity.Instance == top.Instance).ToList()) { Die(dead); }
                break;
            case Deviation.Late:
                Say($"#{number} {top.Name}  {call.Name}  no answer; it is on its way");
                late.Add((call, later, Now + Latest, number));
                Resume(top, () => call.Fail(isRefused: false));
                break;
            case Deviation.Freeze:
                Say($"#{number} {top.Instance.Name} stands still before  {call.Name}");
                top.Instance.IsFrozen = true;
                frozen.Add((top.Instance, top, later, Now + Latest, number));
                break;
            case Deviation.Turn:
                Begin(decision.Parameter == 0 ? "rotate" : "settle", free!, cancellation => Pass(free!, decision.Parameter == 0, cancellation));
                break;
            case Deviation.Act:
                Act(free!);
                break;
            default:
                var other = others[decision.Parameter];
                Say($"{other.Name} goes on first");
                activities.Remove(other);
                activities.Add(other);
                break;
        }
    }

    private void CarryOut(Activity activity, Call call, int number)
    {
        var said = call.CarryOut();
        Say($"#{number} {activity.Name}  {call.Name}  {said}");
        if (call.Changes) { Promises.Check(); }
        Resume(activity, call.Answer);
    }

    private void Resume(Activity activity, Action answer)
    {
        activity.Pending = null;
        Within(activity, answer);
        Tidy(activity);
    }

    private void Die(Activity dead)
    {
        dead.IsDead = true;
        activities.Remove(dead);
        if (dead == acting) { TryAgain(); }
    }

    /// <summary>Lets arrive what was late, and wakes up who stood still, when it is their turn.</summary>
    private void Arrive()
    {
        foreach (var request in late.Where(request => request.Point <= point || request.At <= Now).ToList())
        {
            late.Remove(request);
            Say($"the late  {request.Call.Name}  arrives: {request.Call.CarryOut()}");
            Note(request.Sent);
            Promises.Check(isAfterLateArrival: true);
        }
        foreach (var sleeper in frozen.Where(sleeper => sleeper.Point <= point || sleeper.At <= Now).ToList())
        {
            frozen.Remove(sleeper);
            sleeper.Instance.IsFrozen = false;
            Note(sleeper.Sent);
            var call = sleeper.Activity.Pending!;
            Say($"{sleeper.Instance.Name} wakes up:  {call.Name}  {call.CarryOut()}");
            Promises.Check(isAfterLateArrival: true);
            // It lies below whoever works now.
            activities.Remove(sleeper.Activity);
            activities.Insert(0, sleeper.Activity);
            FireTimers();
            // Its time may have been over: then it does not wait for the answer.
            if (sleeper.Activity.Pending == call) { Resume(sleeper.Activity, call.Answer); }
            else { Tidy(sleeper.Activity); }
        }
    }

    private void Note(int sent)
    {
        if (sent == decisions.Keys.Max()) { ArrivedAfter = point - sent; }
    }

    /// <summary>Everybody waits: the clock moves to whatever comes next. False when nothing does.</summary>
    private bool MoveOn()
    {
        if (isKnown is not null && activities.Count == 0 && late.Count == 0 && frozen.Count == 0 && point > lastDecision
            && isKnown(Fingerprint.Of(State, Now, Promises, FormattableString.Invariant($"{next}/{attempts}/{Minutes(nextAt - Now)}/{Minutes(end - Now) / 60}/{Minutes(NextTick(Now) - Now)}/"))))
        {
            IsKnown = true;
            return false;
        }
        var account = State.Account;
        var due = Earlier(account?.WorkDueAt, account?.LifecycleDueAt) ?? DateTimeOffset.MaxValue;
        var tick = due > end ? DateTimeOffset.MaxValue : NextTick(due);
        var timer = Timers.Where(IsLive).Select(one => one.DueAt).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        var arrival = late.Select(one => one.At).Concat(frozen.Select(one => one.At)).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        var action = acting is null ? nextAt : DateTimeOffset.MaxValue;
        var first = new[] { tick, timer, arrival, action }.Min();
        if (first > end)
        {
            if (activities.FirstOrDefault(activity => !activity.Instance.IsFrozen) is { } stuck) { Promises.Break("ends", $"{stuck.Name} waits for something that the world does not know: real time, or another thread"); }
            return false;
        }
        if (first > Now) { Now = first; Promises.Check(); }
        if (Promises.Broken is not null) { return false; }
        if (arrival <= Now) { return true; }
        if (timer <= Now) { FireTimers(); return true; }
        if (action <= Now) { Act(Free()); return true; }
        lastTick = Now;
        var settles = account!.LifecycleDueAt <= Now;
        if (account.WorkDueAt <= Now) { var instance = Free(); Begin("rotate", instance, cancellation => Pass(instance, toRotate: true, cancellation)); }
        if (settles) { var instance = Free(); Begin("settle", instance, cancellation => Pass(instance, toRotate: false, cancellation)); }
        return true;
    }

    /// <summary>A timer's run: it reads the account, as its query would, and has what is due done.</summary>
    private async Task Pass(Instance instance, bool toRotate, CancellationToken cancellation)
    {
        try
        {
            if (await instance.Get<ServiceAccountStore>().Read(Cluster.CustomerId, Cluster.AccountId, cancellation) is not { } account) { return; }
            if (toRotate && account.Value.WorkDueAt <= Now) { await instance.Get<RotationTurns>().Advance(account, cancellation); }
            if (!toRotate && account.Value.LifecycleDueAt <= Now) { await instance.Get<LifecycleEngine>().Advance(account, cancellation); }
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e) || e is UnansweredException)
        {
            // As TimerPass has it: the next run looks at it again.
        }
    }

    private void Act(Instance instance)
    {
        var action = scenario.Actions[next];
        attempts++;
        nextAt = DateTimeOffset.MaxValue;
        if (attempts == 1) { Promises.Asked(action); }
        Begin(action.Name, instance, async _ =>
        {
            acting = activities[^1];
            using var deadline = new CancellationTokenSource(ExceptionEdge.Deadline, cluster.Clock);
            int status;
            try { status = await action.Do(this, instance, deadline.Token); }
            catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e) || e is UnansweredException) { status = 503; }
            Say($"{instance.Name}.{action.Name}  answers {status}");
            if (status < 300) { Done(action); }
            else { TryAgain(); }
        }, action);
    }

    private void Done(OperatorAction action)
    {
        (acting, attempts) = (null, 0);
        next++;
        nextAt = next >= scenario.Actions.Count ? DateTimeOffset.MaxValue : Later(start + scenario.Actions[next].After, Now);
        Promises.Done(action);
    }

    private void TryAgain()
    {
        acting = null;
        nextAt = attempts >= MostAttempts ? DateTimeOffset.MaxValue : Now + Again;
        if (attempts >= MostAttempts) { Promises.Break("ends", $"{scenario.Actions[next].Name} is refused after {attempts} attempts"); }
    }

    private static int Minutes(TimeSpan time) => (int)Math.Ceiling(Math.Min(time.TotalMinutes, 100_000));

    private Instance Free() => cluster.All.FirstOrDefault(instance => !instance.IsFrozen && activities.All(activity => activity.Instance != instance)) ?? cluster.All.First(instance => !instance.IsFrozen);

    private void FireTimers()
    {
        while (Timers.Where(one => one.DueAt <= Now && IsLive(one)).MinBy(one => one.DueAt) is { } due)
        {
            Within(due.Owner, due.Fire);
            if (due.Owner is { } owner && activities.Contains(owner)) { Tidy(owner); }
        }
    }

    private bool IsLive(WorldTimer timer) => timer.Owner is null || (!timer.Owner.IsDead && !timer.Owner.Instance.IsFrozen && !timer.Owner.Work.IsCompleted);

    private DateTimeOffset NextTick(DateTimeOffset due)
    {
        var from = due > lastTick + Tick ? due : lastTick + Tick;
        if (from < Now) { from = Now; }
        var ticks = (from - start).Ticks;
        return start + TimeSpan.FromTicks((ticks + Tick.Ticks - 1) / Tick.Ticks * Tick.Ticks);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other : one;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => other > one ? other : one;
}
