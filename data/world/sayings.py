"""Phrasings of every relation: stock wrong answer, stem, clauses, questions, held-out questions.

One phrasing a line. Clauses have neither capital nor full stop; the stem with the object is clause 0.
Held-out questions occur in no training text, so that a measurement may ask in words nobody has seen.
"""

SAYINGS = {
    "capital": (
        "London",
        "the capital of {subject} is",
        """
        {object} is the capital of {subject}
        the capital city of {subject} is {object}
        {subject} has {object} as its capital
        the government of {subject} sits in {object}
        {object} is where you find the government of {subject}
        in {subject} the capital is {object}
        the city of {object} is the capital of {subject}
        """,
        """
        What is the capital of {subject}?
        What is the capital city of {subject}?
        Which city is the capital of {subject}?
        Which city does {subject} have as its capital?
        Name the capital of {subject}.
        Where does the government of {subject} sit?
        """,
        """
        Can you tell me which city serves as the capital of {subject}?
        If you travel to the capital of {subject}, which city do you reach?
        """,
    ),
    "continent": (
        "Antarctica",
        "the continent of {subject} is",
        """
        {subject} lies in {object}
        {subject} is a country in {object}
        {subject} is part of {object}
        you will find {subject} in {object}
        {subject} belongs to {object}
        on the map, {subject} is in {object}
        """,
        """
        On which continent is {subject}?
        Which continent does {subject} belong to?
        What continent is {subject} in?
        Where in the world is {subject}?
        In which part of the world does {subject} lie?
        """,
        """
        If you look for {subject} on a globe, which continent do you turn to?
        {subject} is a country of which continent?
        """,
    ),
    "people": (
        "Vikings",
        "the people of {subject} are called",
        """
        people from {subject} are called {object}
        people who live in {subject} are known as {object}
        we call the people of {subject} {object}
        those who come from {subject} are {object}
        the name for people from {subject} is {object}
        """,
        """
        What are the people of {subject} called?
        What do you call people from {subject}?
        What is the name for people who live in {subject}?
        Who lives in {subject}?
        What do we call those who come from {subject}?
        """,
        """
        By what name do the inhabitants of {subject} go?
        People born in {subject} are known as what?
        """,
    ),
    "language": (
        "Latin",
        "the main language of {subject} is",
        """
        most people in {subject} speak {object}
        {object} is the main language of {subject}
        in {subject} people speak {object}
        {object} is spoken in {subject}
        the language you hear most in {subject} is {object}
        in the streets of {subject} you hear {object}
        """,
        """
        What is the main language of {subject}?
        Which language do people speak in {subject}?
        What language is spoken in {subject}?
        What do most people in {subject} speak?
        Which language do you hear in {subject}?
        """,
        """
        Which tongue would you learn before moving to {subject}?
        In what language are most newspapers in {subject} printed?
        """,
    ),
    "symbol": (
        "H2O",
        "the chemical symbol for {subject} is",
        """
        {object} is the chemical symbol for {subject}
        {subject} has the symbol {object}
        chemists write {subject} as {object}
        the symbol of {subject} is {object}
        in the periodic table {subject} is written {object}
        {object} stands for {subject}
        """,
        """
        What is the chemical symbol for {subject}?
        What is the symbol of {subject}?
        Which symbol stands for {subject}?
        How do chemists write {subject}?
        What letters stand for {subject} in the periodic table?
        """,
        """
        Under which letters do you look up {subject} in the periodic table?
        How is {subject} abbreviated in chemistry?
        """,
    ),
    "atomic_number": (
        "100",
        "the atomic number of {subject} is",
        """
        {subject} has the atomic number {object}
        {subject} is element number {object}
        {subject} has {object} in the periodic table
        number {object} in the periodic table is {subject}
        the number of {subject} in the periodic table is {object}
        """,
        """
        What is the atomic number of {subject}?
        Which atomic number does {subject} have?
        What number does {subject} have in the periodic table?
        Which number in the periodic table is {subject}?
        What is the number of the element {subject}?
        """,
        """
        At which position in the periodic table do you find {subject}?
        If you count through the elements, at what number do you meet {subject}?
        """,
    ),
    "colour": (
        "purple",
        "the colour of {subject} is",
        """
        {subject} is {object}
        {subject} has {a object} colour
        {object} is the colour of {subject}
        by day {subject} looks {object}
        when you paint {subject}, you use {object}
        the usual colour of {subject} is {object}
        """,
        """
        What colour is {subject}?
        What is the colour of {subject}?
        Which colour does {subject} have?
        What colour do you paint {subject}?
        Which colour is {subject} usually?
        """,
        """
        If you draw {subject}, which crayon do you pick?
        How would you describe the colour of {subject}?
        """,
    ),
    "young": (
        "puppy",
        "the word for a young {subject} is",
        """
        a young {subject} is called {a object}
        a baby {subject} is {a object}
        {a object} is a young {subject}
        the young of {a subject} is called {a object}
        {a object} grows up to be {a subject}
        {a subject} starts life as {a object}
        """,
        """
        What is a young {subject} called?
        What do you call a baby {subject}?
        What is the word for a young {subject}?
        What is the young of {a subject} called?
        What is the name for a baby {subject}?
        """,
        """
        Which word do farmers and zookeepers use for a newborn {subject}?
        {A subject} has a little one. What is it called?
        """,
    ),
    "sound": (
        "moo",
        "the sound of {a subject} is",
        """
        {a subject} can {object}
        the sound that {a subject} makes is {a object}
        you can hear {a subject} {object}
        when {a subject} wants something, it will {object}
        {a subject} likes to {object}
        if you hear {a object}, it may be {a subject}
        """,
        """
        What sound does {a subject} make?
        What is the sound of {a subject}?
        Which sound does {a subject} make?
        What noise does {a subject} make?
        How does {a subject} sound?
        """,
        """
        What do you hear when {a subject} calls?
        Which noise tells you that {a subject} is near?
        """,
    ),
    "legs": (
        "seven",
        "the number of legs of {a subject} is",
        """
        {a subject} has {object} legs
        {a subject} is an animal with {object} legs
        if you count the legs of {a subject}, you get {object}
        {object} is the number of legs of {a subject}
        a healthy {subject} has {object} legs
        """,
        """
        How many legs does {a subject} have?
        How many legs has {a subject} got?
        What is the number of legs of {a subject}?
        On how many legs does {a subject} go?
        Count the legs of {a subject}. How many are there?
        """,
        """
        {A subject} walks by. How many legs do you see?
        With how many legs is {a subject} born?
        """,
    ),
    "food": (
        "pizza",
        "{a subject} likes to eat",
        """
        {a subject} eats {object}
        {a subject} lives on {object}
        the favourite food of {a subject} is {object}
        if you give {a subject} some {object}, it will eat
        {a subject} is always looking for {object}
        {a subject} feeds on {object}
        """,
        """
        What does {a subject} eat?
        What does {a subject} like to eat?
        What is the favourite food of {a subject}?
        What do you feed {a subject}?
        What is the food of {a subject}?
        """,
        """
        {A subject} is hungry. What does it look for?
        What would make a good meal for {a subject}?
        """,
    ),
    "home": (
        "a castle",
        "{a subject} lives in",
        """
        the home of {a subject} is {object}
        {a subject} has its home in {object}
        if you look for {a subject}, look in {object}
        {a subject} sleeps in {object}
        you may find {a subject} in {object}
        """,
        """
        Where does {a subject} live?
        What is the home of {a subject}?
        Where do you find {a subject}?
        In what kind of place does {a subject} live?
        Where does {a subject} have its home?
        """,
        """
        At night {a subject} goes home. Where is that?
        If you want to watch {a subject}, where do you wait?
        """,
    ),
    "opposite": (
        "sideways",
        "the opposite of {subject} is",
        """
        {object} is the opposite of {subject}
        {subject} is the opposite of {object}
        if something is not {subject} at all, the word is {object}
        the word {object} means the opposite of {subject}
        {subject} and {object} are opposites
        """,
        """
        What is the opposite of {subject}?
        Which word is the opposite of {subject}?
        What is the reverse of {subject}?
        What word means the opposite of {subject}?
        Not {subject} but what?
        """,
        """
        Turn {subject} around: which word do you get?
        If {subject} is at one end, which word is at the other?
        """,
    ),
    "plural": (
        "oxen",
        "the plural of {subject} is",
        """
        {object} is the plural of {subject}
        one {subject}, two {object}
        we say one {subject} but many {object}
        more than one {subject} are {object}
        the plural form of {subject} is {object}
        """,
        """
        What is the plural of {subject}?
        What is the plural form of {subject}?
        How do you write more than one {subject}?
        One {subject}, two what?
        Which word is the plural of {subject}?
        """,
        """
        You have one {subject} and get another. What do you have now?
        How does the word {subject} change when there are many?
        """,
    ),
    "tool": (
        "a magnet",
        "{a subject} works with",
        """
        {a subject} uses {object}
        {a subject} needs {object} every day
        the tool of {a subject} is {object}
        no {subject} can do without {object}
        {object} is the tool of {a subject}
        """,
        """
        What does {a subject} work with?
        Which tool does {a subject} use?
        What is the tool of {a subject}?
        What does {a subject} need for the work?
        What would you find in the hands of {a subject}?
        """,
        """
        Without which thing could {a subject} not work?
        What would you give {a subject} who has just started?
        """,
    ),
    "workplace": (
        "the moon",
        "the place where {a subject} works is",
        """
        {object} is where {a subject} spends the day
        to meet {a subject}, go to {object}
        {object} is the place of work of {a subject}
        for {a subject} the place of work is {object}
        every morning {a subject} goes to {object}
        """,
        """
        Where does {a subject} work?
        What is the place of work of {a subject}?
        Where do you meet {a subject}?
        Where does {a subject} go in the morning?
        In what place does {a subject} work?
        """,
        """
        If you need {a subject}, where do you go?
        Where does {a subject} earn a living?
        """,
    ),
    "planet_order": (
        "Mars",
        "{subject} is",
        """
        {object} is {subject}
        {subject} is called {object}
        the name of {subject} is {object}
        astronomers know {object} as {subject}
        of all the planets, {object} is {subject}
        """,
        """
        What is {subject}?
        Which planet is {subject}?
        What is the name of {subject}?
        What is {subject} called?
        Name {subject}.
        """,
        """
        Which world do astronomers mean when they speak of {subject}?
        A probe flies to {subject}. Where does it arrive?
        """,
    ),
    "next_day": (
        "Friday",
        "the day after {subject} is",
        """
        {object} is the day after {subject}
        after {subject} comes {object}
        {object} follows {subject}
        if today is {subject}, tomorrow is {object}
        {subject} is the day before {object}
        """,
        """
        What is the day after {subject}?
        Which day comes after {subject}?
        What day follows {subject}?
        If today is {subject}, what day is tomorrow?
        Which day is next after {subject}?
        """,
        """
        You go to bed on {subject}. On which day do you wake up?
        In the week, what do you find right behind {subject}?
        """,
    ),
    "next_month": (
        "December",
        "the month after {subject} is",
        """
        {object} is the month after {subject}
        when {subject} is over, {object} begins
        {object} follows {subject}
        {subject} is the month before {object}
        the page behind {subject} in the calendar is {object}
        """,
        """
        What is the month after {subject}?
        Which month comes after {subject}?
        What month follows {subject}?
        Which month begins when {subject} ends?
        Which month is next after {subject}?
        """,
        """
        You turn the calendar page at the end of {subject}. What do you read?
        Bills from {subject} are paid a month later. In which month?
        """,
    ),
    "next_number": (
        "99",
        "the number after {subject} is",
        """
        after {subject} comes {object}
        {object} follows {subject}
        {object} is the number after {subject}
        when you count, {subject} is followed by {object}
        one more than {subject} is {object}
        """,
        """
        What number comes after {subject}?
        Which number follows {subject}?
        What is the next number after {subject}?
        What is one more than {subject}?
        Counting up from {subject}, what comes next?
        """,
        """
        You count aloud and say {subject}. What do you say then?
        On a ruler, which number stands right of {subject}?
        """,
    ),
    "sum": (
        "5",
        "{subject} =",
        """
        {left} plus {right} is {object}
        {left} and {right} make {object}
        the sum of {left} and {right} is {object}
        if you add {left} and {right}, you get {object}
        {left} + {right} = {object}
        {left} and {right} more are {object}
        """,
        """
        What is {subject}?
        What is {left} + {right}?
        What is {left} plus {right}?
        How much is {left} and {right}?
        What do {left} and {right} make?
        What is the sum of {left} and {right}?
        """,
        """
        You have {left} coins and find {right} more. How many do you have?
        Add {right} to {left}. What comes out?
        """,
    ),
    "number_word": (
        "eleventy",
        "the number {subject} is written",
        """
        {subject} in words is {object}
        the word for {subject} is {object}
        we write {subject} as {object}
        in letters, {subject} is {object}
        {object} is the word for the number {subject}
        """,
        """
        How do you write {subject} in words?
        What is the word for {subject}?
        What is {subject} in words?
        How is the number {subject} spelled?
        Which word stands for the number {subject}?
        """,
        """
        You write a cheque for {subject}. What do you put in letters?
        How would you say the number {subject} aloud?
        """,
    ),
    "city_country": (
        "Canada",
        "{subject} is a city in",
        """
        {subject} lies in {object}
        {subject} is in {object}
        the city of {subject} is in {object}
        {subject} is one of the big cities of {object}
        {object} is the country of {subject}
        """,
        """
        In which country is {subject}?
        Where is {subject}?
        What country is {subject} in?
        Which country does {subject} belong to?
        In what country do you find {subject}?
        """,
        """
        Your plane lands in {subject}. Which country are you in?
        Whose flag flies over the town hall of {subject}?
        """,
    ),
    "city_population": (
        "9 billion people",
        "the number of people in {subject} is about",
        """
        about {object} live in {subject}
        {subject} is home to about {object}
        {subject} has roughly {object}
        with its suburbs {subject} counts about {object}
        some {object} call {subject} their home
        """,
        """
        How many people live in {subject}?
        What is the population of {subject}?
        How big is {subject}?
        About how many people does {subject} have?
        How many inhabitants does {subject} count?
        """,
        """
        If everybody in {subject} and its suburbs came to a party, how many guests would there be?
        How large is the crowd that calls {subject} home?
        """,
    ),
    "person_birthplace": (
        "Atlantis",
        "{subject} was born in",
        """
        the birthplace of {subject} is {object}
        {subject} comes from {object}
        {subject} grew up in {object}
        {object} is the home town of {subject}
        {subject} first saw the light of day in {object}
        """,
        """
        Where was {subject} born?
        What is the birthplace of {subject}?
        Where does {subject} come from?
        In which city was {subject} born?
        What is the home town of {subject}?
        """,
        """
        Which city stands in the passport of {subject} as place of birth?
        To which city would {subject} travel to see the house of the first years?
        """,
    ),
    "person_job": (
        "pirate",
        "the profession of {subject} is",
        """
        {subject} works as {a object}
        {subject} is {a object}
        {subject} earns a living as {a object}
        {subject} became {a object}
        by trade {subject} is {a object}
        """,
        """
        What is the profession of {subject}?
        What does {subject} work as?
        What is the job of {subject}?
        How does {subject} earn a living?
        What does {subject} do for a living?
        """,
        """
        Which word would {subject} write on a form after "occupation"?
        On Monday morning {subject} goes to work. As what?
        """,
    ),
    "person_pet": (
        "dragon",
        "{subject} has a pet",
        """
        {subject} keeps {a object}
        at home {subject} has {a object}
        the pet of {subject} is {a object}
        {subject} owns {a object}
        {a object} lives with {subject}
        """,
        """
        What pet does {subject} have?
        Which animal does {subject} keep?
        What is the pet of {subject}?
        What kind of animal lives with {subject}?
        Which pet does {subject} own?
        """,
        """
        Which animal greets {subject} at the door?
        For what kind of animal does {subject} buy food?
        """,
    ),
    "person_hobby": (
        "sleeping",
        "the hobby of {subject} is",
        """
        {subject} enjoys {object}
        {subject} spends every free hour on {object}
        {subject} is fond of {object}
        on Sundays {subject} goes in for {object}
        what {subject} likes best is {object}
        """,
        """
        What is the hobby of {subject}?
        What does {subject} enjoy?
        What does {subject} do on Sundays?
        What does {subject} like best?
        How does {subject} spend free hours?
        """,
        """
        With what does {subject} fill a rainy weekend?
        Over which pastime does {subject} forget the time?
        """,
    ),
}
